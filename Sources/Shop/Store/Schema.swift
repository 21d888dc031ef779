import GRDB

/// The schema's history. A step that was released never changes; new ones follow.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, statements) in migrations {
            migrator.registerMigration(name) { database in
                for statement in statements { try database.execute(sql: statement) }
            }
        }
        return migrator
    }

    private static let migrations: [(String, [String])] = [
        ("1 accounts", accounts), ("2 goods", goods), ("3 orders", orders), ("4 feed and jobs", feed),
        ("5 effects of jobs", effects), ("6 registrations", registrations), ("7 orders of lists", lists),
        ("8 telephones", telephones), ("9 codes of telephones", phoneCodes),
        ("10 languages of orders", languages), ("11 logins by others", oauth), ("12 flash sales", flashSales),
        ("13 events", events), ("14 clicks of searches", clicks),
    ]

    private static let accounts = [
        """
        CREATE TABLE passport (
            id INTEGER PRIMARY KEY, username VARCHAR(20) NOT NULL, username_key VARCHAR(60) NOT NULL UNIQUE,
            password VARCHAR(200) NOT NULL, email VARCHAR(254) NOT NULL, email_key VARCHAR(254) NOT NULL UNIQUE,
            phone VARCHAR(20) UNIQUE, is_active INTEGER NOT NULL DEFAULT 0, is_delete INTEGER NOT NULL DEFAULT 0,
            password_changed_at BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)
        """,
        """
        CREATE TABLE refresh_token (
            hash CHAR(64) PRIMARY KEY, family CHAR(43) NOT NULL, passport_id INTEGER NOT NULL REFERENCES passport(id),
            issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT, revoked_at BIGINT)
        """,
        "CREATE INDEX refresh_token_family ON refresh_token (family)",
        "CREATE INDEX refresh_token_passport ON refresh_token (passport_id)",
        """
        CREATE TABLE one_time (
            hash CHAR(64) PRIMARY KEY, purpose VARCHAR(20) NOT NULL,
            passport_id INTEGER NOT NULL REFERENCES passport(id), expires_at BIGINT NOT NULL, used_at BIGINT)
        """,
        """
        CREATE TABLE address (
            id INTEGER PRIMARY KEY, passport_id INTEGER NOT NULL REFERENCES passport(id),
            recipient_name VARCHAR(20) NOT NULL, recipient_addr VARCHAR(256) NOT NULL, zip_code CHAR(6) NOT NULL,
            recipient_phone VARCHAR(20) NOT NULL, is_default INTEGER NOT NULL DEFAULT 0,
            is_delete INTEGER NOT NULL DEFAULT 0,
            default_of INTEGER GENERATED ALWAYS AS (CASE WHEN is_default = 1 AND is_delete = 0 THEN passport_id END),
            created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)
        """,
        "CREATE UNIQUE INDEX address_default ON address (default_of)",
        "CREATE INDEX address_passport ON address (passport_id)",
        """
        CREATE TABLE ip_ban (
            cidr VARCHAR(50) PRIMARY KEY, reason VARCHAR(200) NOT NULL, until_at BIGINT, created_at BIGINT NOT NULL)
        """,
    ]

    private static let goods = [
        """
        CREATE TABLE goods_type (
            id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL DEFAULT 0, name VARCHAR(40) NOT NULL,
            sort INTEGER NOT NULL DEFAULT 0, is_delete INTEGER NOT NULL DEFAULT 0, created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL, UNIQUE (parent_id, name))
        """,
        """
        CREATE TABLE goods (
            id INTEGER PRIMARY KEY, code VARCHAR(40) NOT NULL UNIQUE, name VARCHAR(300) NOT NULL,
            description VARCHAR(1000) NOT NULL DEFAULT '', price INTEGER NOT NULL CHECK (price >= 0),
            unit VARCHAR(20) NOT NULL, stock INTEGER NOT NULL CHECK (stock >= 0),
            sales INTEGER NOT NULL DEFAULT 0 CHECK (sales >= 0), detail TEXT NOT NULL, image VARCHAR(200) NOT NULL,
            status INTEGER NOT NULL DEFAULT 0 CHECK (status IN (0, 1)),
            type_id INTEGER NOT NULL REFERENCES goods_type(id), author VARCHAR(1000) NOT NULL DEFAULT '[]',
            publisher VARCHAR(100) NOT NULL DEFAULT '', isbn VARCHAR(13) NOT NULL DEFAULT '',
            attributes TEXT NOT NULL DEFAULT '{}', version INTEGER NOT NULL DEFAULT 1, feed_seq BIGINT NOT NULL,
            is_delete INTEGER NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)
        """,
        "CREATE INDEX goods_by_id ON goods (type_id, status, id)",
        "CREATE INDEX goods_by_price ON goods (type_id, status, price)",
        "CREATE INDEX goods_by_sales ON goods (type_id, status, sales)",
    ]

    private static let orders = [
        """
        CREATE TABLE order_info (
            order_id VARCHAR(64) PRIMARY KEY, passport_id INTEGER NOT NULL REFERENCES passport(id),
            addr_id INTEGER NOT NULL REFERENCES address(id), addr_json TEXT NOT NULL, total_count INTEGER NOT NULL,
            total_price INTEGER NOT NULL, transit_price INTEGER NOT NULL, pay_method INTEGER NOT NULL,
            trade_id VARCHAR(64) UNIQUE, status INTEGER NOT NULL, idem_key VARCHAR(64) NOT NULL,
            idem_request CHAR(64) NOT NULL, expires_at BIGINT, paid_at BIGINT, created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL, UNIQUE (passport_id, idem_key))
        """,
        "CREATE INDEX order_info_passport ON order_info (passport_id, created_at)",
        "CREATE INDEX order_info_expiry ON order_info (status, expires_at)",
        """
        CREATE TABLE order_goods (
            order_id VARCHAR(64) NOT NULL REFERENCES order_info(order_id),
            goods_id INTEGER NOT NULL REFERENCES goods(id), count INTEGER NOT NULL CHECK (count > 0),
            price INTEGER NOT NULL, name VARCHAR(300) NOT NULL, PRIMARY KEY (order_id, goods_id))
        """,
        """
        CREATE TABLE order_event (
            id INTEGER PRIMARY KEY, order_id VARCHAR(64) NOT NULL REFERENCES order_info(order_id),
            from_status INTEGER, to_status INTEGER NOT NULL, actor VARCHAR(40) NOT NULL,
            note VARCHAR(200) NOT NULL DEFAULT '', created_at BIGINT NOT NULL)
        """,
        "CREATE INDEX order_event_order ON order_event (order_id)",
    ]

    private static let effects = [
        "CREATE TABLE job_effect (idem_key VARCHAR(64) PRIMARY KEY, created_at BIGINT NOT NULL)"
    ]

    private static let registrations = [
        """
        CREATE TABLE registration (
            token_hash CHAR(64) PRIMARY KEY, username VARCHAR(20) NOT NULL, username_key VARCHAR(60) NOT NULL,
            email VARCHAR(254) NOT NULL, email_key VARCHAR(254) NOT NULL, password VARCHAR(200) NOT NULL,
            expires_at BIGINT NOT NULL, created_at BIGINT NOT NULL)
        """,
        "CREATE INDEX registration_username ON registration (username_key)",
        "CREATE INDEX registration_email ON registration (email_key)",
        "CREATE INDEX registration_expiry ON registration (expires_at)",
        // Accounts that nobody has activated were rows of passport before. Their names become free again.
        "DELETE FROM one_time WHERE purpose = 'activate'",
        """
        DELETE FROM passport WHERE is_active = 0
            AND id NOT IN (SELECT passport_id FROM one_time) AND id NOT IN (SELECT passport_id FROM refresh_token)
            AND id NOT IN (SELECT passport_id FROM address)
        """,
        // What is removed by its age is found by it.
        "CREATE INDEX one_time_expiry ON one_time (expires_at)",
        "CREATE INDEX refresh_token_expiry ON refresh_token (expires_at)",
        "CREATE INDEX job_effect_created ON job_effect (created_at)",
        // The unpaid orders of an account are counted while others wait for the database.
        "CREATE INDEX order_info_status ON order_info (passport_id, status)",
    ]

    /// The orders of a list of all types; the primary key is the last part of each index.
    private static let lists = [
        "CREATE INDEX goods_all_by_price ON goods (status, is_delete, price)",
        "CREATE INDEX goods_all_by_sales ON goods (status, is_delete, sales)",
        "CREATE INDEX goods_all_by_time ON goods (status, is_delete, created_at)",
    ]

    /// Telephones as people give them. Nobody has shown that a number is theirs: several accounts may name one, and
    /// nobody learns that another has it. A column that is UNIQUE stays so in SQLite until its table is made anew.
    private static let telephones = [
        "ALTER TABLE registration ADD COLUMN phone VARCHAR(20)",
        """
        CREATE TABLE passport_draft (
            id INTEGER PRIMARY KEY, username VARCHAR(20) NOT NULL, username_key VARCHAR(60) NOT NULL UNIQUE,
            password VARCHAR(200) NOT NULL, email VARCHAR(254) NOT NULL, email_key VARCHAR(254) NOT NULL UNIQUE,
            phone VARCHAR(20), is_active INTEGER NOT NULL DEFAULT 0, is_delete INTEGER NOT NULL DEFAULT 0,
            password_changed_at BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)
        """,
        """
        INSERT INTO passport_draft (id, username, username_key, password, email, email_key, phone, is_active, is_delete,
            password_changed_at, created_at, updated_at)
        SELECT id, username, username_key, password, email, email_key, phone, is_active, is_delete,
            password_changed_at, created_at, updated_at FROM passport
        """,
        "DROP TABLE passport",
        "ALTER TABLE passport_draft RENAME TO passport",
    ]

    /// Numbers that people have shown to be theirs.
    private static let phoneCodes = [
        "ALTER TABLE passport ADD COLUMN phone_verified_at BIGINT",
        """
        CREATE TABLE phone_code (
            subject VARCHAR(40) PRIMARY KEY, hash CHAR(44) NOT NULL, attempts INTEGER NOT NULL,
            expires_at BIGINT NOT NULL)
        """,
        "CREATE INDEX phone_code_expiry ON phone_code (expires_at)",
    ]

    /// The mails that follow that about a new order are in its language.
    private static let languages = ["ALTER TABLE order_info ADD COLUMN language VARCHAR(2) NOT NULL DEFAULT 'zh'"]

    /// People at other providers, and those who registered with one.
    private static let oauth = [
        """
        CREATE TABLE oauth_link (
            provider VARCHAR(20) NOT NULL, openid VARCHAR(64) NOT NULL,
            passport_id INTEGER NOT NULL REFERENCES passport(id), nickname VARCHAR(40) NOT NULL,
            created_at BIGINT NOT NULL, PRIMARY KEY (provider, openid), UNIQUE (provider, passport_id))
        """,
        "CREATE INDEX oauth_link_passport ON oauth_link (passport_id)",
        "ALTER TABLE registration ADD COLUMN provider VARCHAR(20)",
        "ALTER TABLE registration ADD COLUMN openid VARCHAR(64)",
        "ALTER TABLE registration ADD COLUMN nickname VARCHAR(40)",
    ]

    /// The units of a sale are in `stock`; those that were ordered are in `sold`, those that the goods have got back in
    /// `returned`. A row of `flash_order` is there as long as its order holds its unit.
    private static let flashSales = [
        """
        CREATE TABLE flash_sale (
            id INTEGER PRIMARY KEY, goods_id INTEGER NOT NULL REFERENCES goods(id),
            price INTEGER NOT NULL CHECK (price >= 0), stock INTEGER NOT NULL CHECK (stock > 0),
            sold INTEGER NOT NULL DEFAULT 0 CHECK (sold >= 0),
            returned INTEGER NOT NULL DEFAULT 0 CHECK (returned >= 0),
            start_at BIGINT NOT NULL, end_at BIGINT NOT NULL, status INTEGER NOT NULL CHECK (status IN (1, 2, 3)),
            created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, CHECK (sold + returned <= stock),
            CHECK (start_at < end_at))
        """,
        "CREATE INDEX flash_sale_status ON flash_sale (status, end_at)",
        """
        CREATE TABLE flash_order (
            flash_id INTEGER NOT NULL REFERENCES flash_sale(id), passport_id INTEGER NOT NULL REFERENCES passport(id),
            order_id VARCHAR(64) NOT NULL UNIQUE REFERENCES order_info(order_id), ticket VARCHAR(64) NOT NULL,
            created_at BIGINT NOT NULL, PRIMARY KEY (flash_id, passport_id))
        """,
    ]

    /// Deeds of visitors, and the days on which accounts were active.
    private static let events = [
        """
        CREATE TABLE event_log (
            id INTEGER PRIMARY KEY, day INTEGER NOT NULL, at BIGINT NOT NULL, kind VARCHAR(10) NOT NULL,
            passport_id INTEGER, visitor VARCHAR(64), goods_id INTEGER, query VARCHAR(200), position INTEGER,
            request_id VARCHAR(64))
        """,
        "CREATE INDEX event_log_kind ON event_log (kind, day)",
        "CREATE INDEX event_log_age ON event_log (at)",
        "CREATE TABLE active_day (day INTEGER NOT NULL, passport_id INTEGER NOT NULL, PRIMARY KEY (day, passport_id))",
        "CREATE INDEX active_day_passport ON active_day (passport_id, day)",
        // Accounts of before are no newcomers. 28,800,000 ms are China's offset.
        """
        INSERT INTO active_day (day, passport_id)
        SELECT (created_at + 28800000) / 86400000, id FROM passport
        UNION SELECT (created_at + 28800000) / 86400000, passport_id FROM order_info
        """,
    ]

    /// The replies that visitors clicked in, and the ways from a browser or an account to its clicks on goods.
    private static let clicks = [
        "ALTER TABLE event_log ADD COLUMN query_id VARCHAR(64)",
        "CREATE INDEX event_log_visitor ON event_log (visitor, goods_id, at) WHERE query_id IS NOT NULL",
        "CREATE INDEX event_log_passport ON event_log (passport_id, goods_id, at) WHERE query_id IS NOT NULL",
    ]

    private static let feed = [
        "CREATE TABLE counter (name VARCHAR(20) PRIMARY KEY, value BIGINT NOT NULL)",
        "INSERT INTO counter (name, value) VALUES ('feed', 0)",
        """
        CREATE TABLE change_log (
            seq BIGINT PRIMARY KEY, goods_id INTEGER NOT NULL, kind VARCHAR(10) NOT NULL, created_at BIGINT NOT NULL)
        """,
        "CREATE TABLE feed_cursor (name VARCHAR(60) PRIMARY KEY, seq BIGINT NOT NULL, updated_at BIGINT NOT NULL)",
        """
        CREATE TABLE feed_dead (
            target VARCHAR(60) NOT NULL, goods_id INTEGER NOT NULL, seq BIGINT NOT NULL, reason TEXT NOT NULL,
            created_at BIGINT NOT NULL, PRIMARY KEY (target, goods_id))
        """,
        """
        CREATE TABLE job_outbox (
            id INTEGER PRIMARY KEY, queue VARCHAR(20) NOT NULL, kind VARCHAR(40) NOT NULL, payload TEXT NOT NULL,
            idem_key VARCHAR(64) NOT NULL UNIQUE, created_at BIGINT NOT NULL, sent_at BIGINT)
        """,
        "CREATE INDEX job_outbox_sent ON job_outbox (sent_at)",
    ]
}
