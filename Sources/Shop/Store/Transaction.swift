import GRDB

/// An error of the database that callers decide by.
package enum StoreError: Error, Equatable {
    /// Other processes held the database for too long.
    case busy
    /// A row with the same unique values is there already.
    case duplicate
    /// The transaction was ended before its end.
    case interrupted
    /// The row to change is not there, or not in the state that the change needs.
    case unchanged

    /// True for an error that says that the database cannot work now, and nothing about what it was to do: others hold
    /// it, or its disk is full.
    static func isPassing(_ error: any Error) -> Bool {
        if let error = error as? DatabaseError { return error.resultCode != .SQLITE_CONSTRAINT }
        return [.busy, .interrupted].contains(error as? StoreError)
    }
}

/// A running transaction, with which the extensions in this folder read and change rows.
package struct Transaction {
    private let database: Database
    /// The id of the request for which it runs; nil for work that no request waits for.
    let requestID: String?

    init(_ database: Database, requestID: String? = nil) {
        self.database = database
        self.requestID = requestID
    }

    /// Returns the rows of a query.
    func rows(_ sql: String, _ arguments: (any SQLValue)?...) throws -> [Row] {
        try Row.all(database, sql, Self.bound(arguments))
    }

    /// Returns the first row of a query; nil if there is none.
    func row(_ sql: String, _ arguments: (any SQLValue)?...) throws -> Row? {
        try Row.all(database, sql, Self.bound(arguments)).first
    }

    /// Returns the rows of a query as values. Errors: a column that is not what its property is.
    func rows<Value: StoredRow>(_ sql: String, _ arguments: (any SQLValue)?...) throws -> [Value] {
        try Value.fetchAll(database.cachedStatement(sql: sql), arguments: Self.bound(arguments))
    }

    /// Returns the first row of a query as a value; nil if there is none.
    func row<Value: StoredRow>(_ sql: String, _ arguments: (any SQLValue)?...) throws -> Value? {
        try Value.fetchOne(database.cachedStatement(sql: sql), arguments: Self.bound(arguments))
    }

    /// Returns the rows of a query whose list of arguments has any length.
    func rows(_ sql: String, all arguments: [(any SQLValue)?]) throws -> [Row] {
        try Row.all(database, sql, Self.bound(arguments))
    }

    /// Runs a statement and returns the number of rows that it changed.
    ///
    /// Errors: `StoreError.duplicate` if a unique value is taken.
    @discardableResult
    func execute(_ sql: String, _ arguments: (any SQLValue)?...) throws -> Int {
        try execute(sql, all: arguments)
    }

    /// Runs a statement whose list of arguments has any length.
    @discardableResult
    func execute(_ sql: String, all arguments: [(any SQLValue)?]) throws -> Int {
        do {
            try database.cachedStatement(sql: sql).execute(arguments: Self.bound(arguments))
        } catch let error as DatabaseError
            where [.SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY].contains(error.extendedResultCode)
        {
            throw StoreError.duplicate
        }
        return database.changesCount
    }

    /// The key that the database has given to the row inserted last.
    var lastInsertedID: Int { Int(database.lastInsertedRowID) }

    private static func bound(_ arguments: [(any SQLValue)?]) -> StatementArguments {
        StatementArguments(arguments)
    }
}

/// A value that a statement takes.
typealias SQLValue = DatabaseValueConvertible

/// A value whose properties are columns: `isDefault` is `is_default`.
protocol StoredRow: Decodable, FetchableRecord {}

extension StoredRow {
    static var databaseColumnDecodingStrategy: DatabaseColumnDecodingStrategy { .convertFromSnakeCase }
}

/// A row of a query's result. Columns are read by name; reading one as what it is not is a mistake in this folder.
struct Row {
    private let row: GRDB.Row
    /// The places of the columns. GRDB would look for a name by comparing all of them without regard to case.
    private let places: [String: Int]

    fileprivate static func all(_ database: Database, _ sql: String, _ arguments: StatementArguments) throws -> [Row] {
        let statement = try database.cachedStatement(sql: sql)
        let rows = try GRDB.Row.fetchAll(statement, arguments: arguments)
        guard !rows.isEmpty else { return [] }
        let places = Dictionary(zip(statement.columnNames, 0...), uniquingKeysWith: { first, _ in first })
        return rows.map { Row(row: $0, places: places) }
    }

    func int(_ column: String) -> Int { row[place(column)] }
    func time(_ column: String) -> Milliseconds { row[place(column)] }
    func text(_ column: String) -> String { row[place(column)] }
    func bool(_ column: String) -> Bool { int(column) != 0 }
    func optionalInt(_ column: String) -> Int? { row[place(column)] }
    func optionalTime(_ column: String) -> Milliseconds? { row[place(column)] }
    func optionalText(_ column: String) -> String? { row[place(column)] }

    private func place(_ column: String) -> Int { places[column, default: row.count] }
}

/// Returns `count` placeholders for a list of arguments: `?, ?, ?`.
func placeholders(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }

/// Returns numbers as a JSON list, for `json_each`.
func jsonList(_ numbers: [Int]) -> String { "[" + numbers.map(String.init).joined(separator: ",") + "]" }

/// Returns ids of orders, which are digits, as a JSON list, for `json_each`.
func jsonList(_ ids: [String]) -> String { "[" + ids.map { "\"\($0)\"" }.joined(separator: ",") + "]" }
