import Catalog
import Configuration
import FoundationEssentials

/// The options of `quire serve` that a file and the environment give, as arguments of the command line.
///
/// An option such as `--reply-cache` is the member `"replyCache"` of the file and the variable `QUIRE_REPLY_CACHE`. The
/// command line stands above the environment, the environment above the file. An option that is repeatable is a list in
/// the file, and separated by commas in the environment; those of the command line are added to it. What is switched on
/// there cannot be switched off on the command line.
enum ServeConfiguration {
    /// The type of an option's value.
    enum Kind { case text, whole, decimal, flag, list }

    /// The options, in the order of the help. `ServeConfigurationTests` compares them with those of the command.
    static let options: KeyValuePairs<String, Kind> = [
        "data": .text, "host": .text, "port": .whole, "commitAfter": .decimal, "searchTimeout": .decimal,
        "allowedHost": .list, "corsOrigin": .list, "adminAddress": .text, "metricsAddress": .text,
        "tlsCertificate": .text, "tlsKey": .text, "requireKeys": .flag, "allowOpenRead": .flag,
        "clientRate": .decimal, "clientBurst": .whole, "keyRate": .decimal, "keyBurst": .whole,
        "trustedProxy": .list, "maxConnections": .whole, "drainTimeout": .decimal, "memory": .whole,
        "replyCache": .whole, "keepQueries": .whole, "requestLog": .text, "logSlower": .decimal,
    ]

    /// The options that a running server takes over when it reads its configuration again.
    static let reloadable: Set = [
        "allowedHost", "corsOrigin", "clientRate", "clientBurst", "keyRate", "keyBurst",
    ]

    /// The reason why a configuration cannot be used, as a sentence.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// The values of the options that are given, by name.
    static func values(file: String?, environment: [String: String]) throws -> [String: [String]] {
        let variables = EnvironmentVariablesProvider(environmentVariables: environment)
        var providers: [any ConfigProvider] = [variables.prefixKeys(with: "quire")]
        if let file { providers.append(InMemoryProvider(values: try read(file))) }
        let reader = ConfigReader(providers: providers)
        var values: [String: [String]] = [:]
        for (name, kind) in options {
            let key = ConfigKey([name])
            switch kind {
            case .list: values[name] = reader.stringArray(forKey: key)
            case .flag:
                guard let text = reader.string(forKey: key) else { continue }
                guard ["true", "false"].contains(text) else {
                    throw Problem(description: "\(variable(name)) is \"\(text)\"; use true or false")
                }
                if text == "true" { values[name] = [] }
            default: values[name] = reader.string(forKey: key).map { [$0] }
            }
        }
        return values
    }

    /// Returns arguments with those of the configuration before them: of the file that the arguments or the environment
    /// name, and of the environment. Errors: `Problem` for a file that cannot be read, and for what it cannot have.
    static func arguments(
        _ given: [String], environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> [String] {
        let values = try values(file: file(given, environment), environment: environment)
        var arguments: [String] = []
        for (name, _) in options {
            guard let texts = values[name] else { continue }
            if texts.isEmpty { arguments.append(option(name)) }
            for text in texts { arguments.append("\(option(name))=\(text)") }
        }
        return arguments + given
    }

    /// The variables of an environment that begin as those of options do, and are none: misspelled ones have no effect.
    static func unknownVariables(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> [String] {
        let known = Set(options.map { variable($0.key) } + ["QUIRE_CONFIG", "QUIRE_OPTIONS"])
        return environment.keys.filter { $0.hasPrefix("QUIRE_") && !known.contains($0) }.sorted()
    }

    /// The file that arguments name, or the environment; nil for none.
    static func file(
        _ arguments: [String], _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String? {
        var file = environment["QUIRE_CONFIG"]
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--config=") { file = String(argument.dropFirst("--config=".count)) }
            if argument == "--config", index + 1 < arguments.count { file = arguments[index + 1] }
        }
        return file.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The option of a name: `--reply-cache` for `replyCache`.
    static func option(_ name: String) -> String {
        name.reduce(into: "--") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }

    /// The variable of a name: `QUIRE_REPLY_CACHE` for `replyCache`.
    static func variable(_ name: String) -> String {
        "QUIRE_" + option(name).dropFirst(2).replacing("-", with: "_").uppercased()
    }

    /// The values of a file. Errors: `Problem`.
    private static func read(_ path: String) throws -> [AbsoluteConfigKey: ConfigValue] {
        let members: [String: JSONValue]
        do {
            members = try JSONDecoder().decode(
                [String: JSONValue].self, from: try Data(contentsOf: URL(filePath: path)))
        } catch let error as DecodingError {
            throw Problem(description: "\(path) is not an object of JSON: \(error)")
        } catch {
            throw Problem(description: "\(path) cannot be read: \(error)")
        }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let kind = options.first(where: { $0.key == name })?.value else {
                let known = options.map(\.key).joined(separator: ", ")
                throw Problem(description: "\(path): there is no option \"\(name)\"; the options are \(known)")
            }
            guard let content = content(value, kind) else {
                throw Problem(description: "\(path): \"\(name)\" expects \(expectation(kind))")
            }
            values[AbsoluteConfigKey([name])] = ConfigValue(content, isSecret: false)
        }
        return values
    }

    /// A value of the file as the provider has it; nil for one of another type.
    private static func content(_ value: JSONValue, _ kind: Kind) -> ConfigContent? {
        switch (kind, value) {
        case (.text, .text(let text)): return .string(text)
        case (.whole, .integer(let number)), (.decimal, .integer(let number)): return .string("\(number)")
        case (.decimal, .number(let number)): return .string("\(number)")
        case (.flag, .boolean(let isTrue)): return .string("\(isTrue)")
        case (.list, .list(let values)):
            var texts: [String] = []
            for value in values {
                guard case .text(let text) = value else { return nil }
                texts.append(text)
            }
            return .stringArray(texts)
        default: return nil
        }
    }

    private static func expectation(_ kind: Kind) -> String {
        switch kind {
        case .text: "a text"
        case .whole: "a whole number"
        case .decimal: "a number"
        case .flag: "true or false"
        case .list: "a list of texts"
        }
    }
}
