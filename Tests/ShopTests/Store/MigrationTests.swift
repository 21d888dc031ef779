import GRDB
import Testing

@testable import Shop

/// Databases of earlier versions become those of this one, with all that they hold.
@Suite struct MigrationTests {
    private typealias Rows = [[String: DatabaseValue]]

    /// Rows of the tables that each step of the schema brought, as the shop of that time could write them.
    private static let rows: [[String]] = [
        [
            """
            INSERT INTO passport (id, username, username_key, password, email, email_key, phone, is_active,
                password_changed_at, created_at, updated_at)
            VALUES (1, 'Zhang', 'zhang', 'h1', 'Z@example.com', 'z@example.com', '13800138000', 1, 5, 6, 7),
                (2, '王五', '王五', 'h2', 'w@example.com', 'w@example.com', NULL, 0, 5, 6, 7),
                (3, 'li', 'li', 'h3', 'l@example.com', 'l@example.com', NULL, 0, 5, 6, 7)
            """,
            "INSERT INTO refresh_token VALUES ('r1', 'f1', 1, 10, 20, NULL, NULL), ('r2', 'f1', 1, 11, 21, 12, 13)",
            "INSERT INTO one_time VALUES ('o1', 'reset', 1, 30, NULL), ('o2', 'activate', 2, 31, NULL)",
            """
            INSERT INTO address (id, passport_id, recipient_name, recipient_addr, zip_code, recipient_phone, is_default,
                is_delete, created_at, updated_at)
            VALUES (1, 1, '张', '上海', '200000', '13800138000', 1, 0, 8, 9), (2, 1, '张', '北京', '100000', '1', 0, 1, 8, 9),
                (3, 3, '李', '广州', '510000', '13900139000', 1, 0, 8, 9)
            """,
            "INSERT INTO ip_ban VALUES ('192.0.2.0/24', 'test', NULL, 4), ('2001:db8::/32', 'test', 99, 4)",
        ],
        [
            "INSERT INTO goods_type VALUES (1, 0, '中文图书', 0, 0, 1, 1), (2, 1, '小说', 3, 0, 1, 1)",
            """
            INSERT INTO goods (id, code, name, price, unit, stock, sales, detail, image, status, type_id, author,
                attributes, version, feed_seq, created_at, updated_at)
            VALUES (1, 'a', '三体', 4850, '本', 3, 2, '<p>x</p>', '', 1, 2, '["刘慈欣"]', '{"year":2008}', 4, 2, 1, 1),
                (2, 'b', '"; --', 0, '本', 0, 0, '', '', 0, 1, '[]', '{}', 1, 1, 1, 1)
            """,
        ],
        [
            """
            INSERT INTO order_info (order_id, passport_id, addr_id, addr_json, total_count, total_price, transit_price,
                pay_method, status, idem_key, idem_request, created_at, updated_at)
            VALUES ('20270115160000123', 1, 2, '{"id":2}', 2, 9700, 1000, 1, 2, 'k', 'd', 40, 41)
            """,
            "INSERT INTO order_goods VALUES ('20270115160000123', 1, 2, 4850, '三体')",
            "INSERT INTO order_event VALUES (1, '20270115160000123', NULL, 2, 'passport:1', '', 40)",
        ],
        [
            "UPDATE counter SET value = 2 WHERE name = 'feed'",
            "INSERT INTO change_log VALUES (1, 2, 'put', 1), (2, 1, 'patch', 1)",
            "INSERT INTO feed_cursor VALUES ('local', 1, 1)",
            "INSERT INTO feed_dead VALUES ('local', 2, 1, 'refused', 1)",
            "INSERT INTO job_outbox VALUES (1, 'mail', 'order', '{}', 'order-1', 40, NULL)",
        ],
        ["INSERT INTO job_effect VALUES ('order-1', 42)"],
        [
            """
            INSERT INTO registration (token_hash, username, username_key, email, email_key, password, expires_at,
                created_at)
            VALUES ('t1', 'New', 'new', 'N@example.com', 'n@example.com', 'h4', 50, 49)
            """
        ],
        [],
        ["UPDATE registration SET phone = '13900139000'", "UPDATE passport SET phone = '13800138000'"],
        ["INSERT INTO phone_code VALUES ('1:13800138000', 'h', 5, 60)", "UPDATE passport SET phone_verified_at = 5"],
        ["UPDATE order_info SET language = 'en'"],
        [
            "INSERT INTO oauth_link VALUES ('qq', 'A1', 1, '小明', 70)",
            "UPDATE registration SET provider = 'qq', openid = 'B2', nickname = '小红'",
        ],
        [
            "INSERT INTO flash_sale VALUES (1, 1, 990, 5, 1, 0, 50, 60, 1, 48, 49)",
            "INSERT INTO flash_order VALUES (1, 1, '20270115160000123', '1-t', 51)",
        ],
        [
            "INSERT INTO event_log (day, at, kind, visitor, query) VALUES (20833, 1800000000000, 'search', 'v', '三体')",
            "INSERT INTO active_day VALUES (20833, 1)",
        ],
        ["UPDATE event_log SET kind = 'click', goods_id = 1, query_id = 'q'"],
    ]

    private static var versions: [String] { Schema.migrator.migrations }

    private static func tables(_ database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'grdb_migrations' ORDER BY name")
    }

    /// The rows of a table in the order of their keys, with some columns, or all for nil.
    private static func rows(of table: String, _ columns: Set<String>?, _ database: Database) throws -> Rows {
        try GRDB.Row.fetchAll(database, sql: "SELECT * FROM \(table) ORDER BY 1, 2").map { row in
            Dictionary(uniqueKeysWithValues: row.map { ($0.0, $0.1) }).filter { columns?.contains($0.key) ?? true }
        }
    }

    /// The statements that would make the schema of a database.
    private static func schema(_ path: String) async throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        return try await queue.read { try String.fetchAll($0, sql: sql) }
    }

    /// The accounts that nobody had activated and that nothing hung on, and the tokens of their mails, left `passport`
    /// when registrations got a table of their own.
    private static func isDropped(_ table: String, _ row: [String: DatabaseValue], since version: Int) -> Bool {
        guard version < 6 else { return false }
        return table == "passport" && row["id"] == 2.databaseValue
            || table == "one_time" && row["purpose"] == "activate".databaseValue
    }

    @Test func everyStepHasRows() { #expect(Self.rows.count == Self.versions.count) }

    @Test(arguments: 1...versions.count) func keepsAllRowsOfAnEarlierVersion(version: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/shop.sqlite"
            let before = try await Self.makeDatabase(path, version: version)
            try Store(folder: folder).close()
            let queue = try DatabaseQueue(path: path)
            let (after, orphans) = try await queue.read { database in
                var after: [String: Rows] = [:]
                for (table, rows) in before {
                    after[table] = try Self.rows(of: table, rows.first.map { Set($0.keys) }, database)
                }
                return (after, try GRDB.Row.fetchAll(database, sql: "PRAGMA foreign_key_check").count)
            }
            try queue.close()
            for (table, rows) in before {
                let kept = rows.filter { !Self.isDropped(table, $0, since: version) }
                #expect(after[table] == kept, "\(table)")
            }
            #expect(orphans == 0)
            try await withTemporaryFolder { fresh in
                try Store(folder: fresh).close()
                let expected = try await Self.schema(fresh + "/shop.sqlite")
                #expect(try await Self.schema(path) == expected)
            }
        }
    }

    /// Makes a database of a version with rows in all its tables, and returns these.
    private static func makeDatabase(_ path: String, version: Int) async throws -> [String: Rows] {
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: versions[version - 1])
        let rows = try await queue.write { database in
            for statement in Self.rows[..<version].joined() { try database.execute(sql: statement) }
            var rows: [String: Rows] = [:]
            for table in try tables(database) { rows[table] = try Self.rows(of: table, nil, database) }
            return rows
        }
        try queue.close()
        let empty = rows.filter(\.value.isEmpty).keys
        #expect(empty.isEmpty, "\(empty)")
        return rows
    }
}
