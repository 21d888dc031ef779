/// The Lua scripts of flash sales.
///
/// Redis has of each sale the hash `flash:{id}` with `start`, `end`, the number of `units`, and `changes`, a number
/// that grows with what happens to orders; and the hash `flash:{id}:bought` with the ticket of each buyer. As many
/// units are taken as there are buyers: there is no second number that could say something else. `flash:{id}:failed`
/// has the tickets that became no order, with their reasons.
enum FlashScripts {
    /// The keys of a sale: the sale, its buyers, the failures.
    static func keys(_ sale: Int) -> [String] { ["flash:\(sale)", "flash:\(sale):bought", "flash:\(sale):failed"] }

    /// A function that returns the account and the ticket of each claim of a sale that waits in a stream; a worker
    /// removes the entries that cannot be read.
    private static let waiting = """
        local function waiting(stream, sale)
            local list = {}
            for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+')) do
                local flash, passport = string.match(entry[2][4], '^(%d+) (%d+) %S+ %S+$')
                if flash == sale then
                    list[#list + 1] = passport
                    list[#list + 1] = entry[2][6]
                end
            end
            return list
        end

        """

    /// Claims a unit. KEYS: sale, buyers, failures, stream. ARGV: passport, ticket, payload, time in milliseconds or 0
    /// for the clock of Redis. Returns `ticket` or `again` with the ticket, `not_open`, `ended`, `sold_out`, or
    /// `missing` if Redis does not know the sale.
    static let claim = RedisScript(
        """
        local sale = redis.call('HMGET', KEYS[1], 'start', 'end', 'units')
        if not sale[1] then return {'missing'} end
        local ticket = redis.call('HGET', KEYS[2], ARGV[1])
        if ticket then return {'again', ticket} end
        local now = tonumber(ARGV[4])
        if now == 0 then
            local time = redis.call('TIME')
            now = time[1] * 1000 + math.floor(time[2] / 1000)
        end
        if now < tonumber(sale[1]) then return {'not_open'} end
        if now >= tonumber(sale[2]) then return {'ended'} end
        if redis.call('HLEN', KEYS[2]) >= tonumber(sale[3]) then return {'sold_out'} end
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
        redis.call('XADD', KEYS[4], '*', 'kind', 'claim', 'payload', ARGV[3], 'key', ARGV[2], 'attempt', '1')
        return {'ticket', ARGV[2]}
        """)

    /// Counts a change of a sale, so that a seed that is under way begins again. What is noted of a sale that Redis
    /// does not know, because it was closed or not seeded yet, is forgotten after an hour.
    private static let change = """
        redis.call('HINCRBY', KEYS[1], 'changes', 1)
        local isKnown = redis.call('HEXISTS', KEYS[1], 'start') == 1
        if not isKnown then redis.call('EXPIRE', KEYS[1], 3600) end

        """

    /// Ends claims of a sale whose results are durable. KEYS: sale, buyers, failures, stream. ARGV: group, channel,
    /// sale, and then of each claim its entry, passport, ticket, and the reason why there is no order: empty if there
    /// is one, `past` if there was one.
    ///
    /// An order whose entry Redis has lost is made known to it again; a failure counts once, for the worker that
    /// removes its entry. A sale that had an order given back, but still has its buyer, is `stale`: it was seeded while
    /// the entry was there. A batch whose orders are all known, as they are in a rush, needs four commands.
    static let settle = RedisScript(
        change + """
            local entries, passports = {}, {}
            for i = 4, #ARGV, 4 do
                entries[#entries + 1], passports[#passports + 1] = ARGV[i], ARGV[i + 1]
            end
            local tickets, areOrdered = redis.call('HMGET', KEYS[2], unpack(passports)), true
            for i, ticket in ipairs(tickets) do
                areOrdered = areOrdered and ticket == ARGV[4 * i + 2] and ARGV[4 * i + 3] == ''
            end
            if areOrdered then
                redis.call('XACK', KEYS[4], ARGV[1], unpack(entries))
                redis.call('XDEL', KEYS[4], unpack(entries))
                return
            end
            for i = 4, #ARGV, 4 do
                local entry, passport, ticket, reason = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
                local isOurs = redis.call('XACK', KEYS[4], ARGV[1], entry) == 1
                redis.call('XDEL', KEYS[4], entry)
                local known = redis.call('HGET', KEYS[2], passport)
                if reason == '' then
                    if isKnown and (known or not isOurs) and known ~= ticket then
                        redis.call('HSET', KEYS[2], passport, ticket)
                    end
                elseif reason == 'past' then
                    if known == ticket then redis.call('HSET', KEYS[1], 'stale', 1) end
                elseif isOurs and known == ticket then
                    redis.call('HDEL', KEYS[2], passport)
                    redis.call('HSET', KEYS[3], passport, ticket .. ' ' .. reason)
                    redis.call('PUBLISH', ARGV[2], ARGV[3])
                end
            end
            """)

    /// Gives a unit back that was ordered. KEYS: sale, buyers. ARGV: passport, ticket, 1 if the sale has the unit again
    /// and 0 if the goods have it, channel, sale. It has its effect once, because a ticket is there once.
    static let giveBack = RedisScript(
        change + """
            if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return end
            redis.call('HDEL', KEYS[2], ARGV[1])
            if ARGV[3] == '0' then redis.call('HINCRBY', KEYS[1], 'units', -1) end
            redis.call('PUBLISH', ARGV[4], ARGV[5])
            """)

    /// Makes Redis know a sale as the database has it, with the claims that wait. KEYS: sale, buyers, failures,
    /// stream. ARGV: `changes` from before the database was read, start, end, units, channel, sale, and then the
    /// account and the ticket of each buyer. Returns 0 if something has happened since then.
    static let seed = RedisScript(
        waiting + """
            if (redis.call('HGET', KEYS[1], 'changes') or '') ~= ARGV[1] then return 0 end
            local claims = waiting(KEYS[4], ARGV[6])
            redis.call('DEL', KEYS[2])
            for i = 7, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
            for i = 1, #claims, 2 do redis.call('HSETNX', KEYS[2], claims[i], claims[i + 1]) end
            redis.call('HSET', KEYS[1], 'start', ARGV[2], 'end', ARGV[3], 'units', ARGV[4])
            redis.call('HDEL', KEYS[1], 'stale')
            redis.call('PERSIST', KEYS[1])
            redis.call('HINCRBY', KEYS[1], 'changes', 1)
            redis.call('PUBLISH', ARGV[5], ARGV[6])
            return 1
            """)

    /// Returns the units that nobody has claimed, and a list of the account and the ticket of each claim that waits.
    /// KEYS: sale, buyers, failures, stream. ARGV: sale.
    static let look = RedisScript(
        waiting + """
            local left = tonumber(redis.call('HGET', KEYS[1], 'units') or '0') - redis.call('HLEN', KEYS[2])
            return {left, waiting(KEYS[4], ARGV[1])}
            """)
}
