/// The Lua scripts of a queue. Each moves a job in one step, so that it is always in exactly one place.
///
/// A delayed job is packed as `{kind, payload, key, attempt, error}`; `now` is Redis' own time in milliseconds.
enum JobScripts {
    private static let now = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"

    /// Adds jobs, each unless one with its key was added before. KEYS: stream, delayed, and the states of the jobs.
    /// ARGV: delay in milliseconds, lifetime of the states in seconds, and then kind, payload and key of each job.
    /// Returns for each 1 if it was added. The state comes last: what the stream refuses was not added.
    static let add = RedisScript(
        now + """
            local added, isKnown = {}, {}
            for i, state in ipairs(redis.call('MGET', unpack(KEYS, 3))) do
                if state then isKnown[KEYS[i + 2]] = true end
            end
            for i = 3, #KEYS do
                local kind, payload, key = ARGV[3 * i - 6], ARGV[3 * i - 5], ARGV[3 * i - 4]
                if isKnown[KEYS[i]] then
                    added[i - 2] = 0
                else
                    isKnown[KEYS[i]] = true
                    if tonumber(ARGV[1]) > 0 then
                        redis.call('ZADD', KEYS[2], now + ARGV[1], cmsgpack.pack({kind, payload, key, '1', ''}))
                    else
                        redis.call('XADD', KEYS[1], '*', 'kind', kind, 'payload', payload, 'key', key, 'attempt', '1')
                    end
                    redis.call('SET', KEYS[i], 'queued', 'EX', ARGV[2])
                    added[i - 2] = 1
                end
            end
            return added
            """)

    /// Moves jobs whose time has come to the stream. KEYS: stream, delayed. ARGV: limit. Returns their number.
    static let promote = RedisScript(
        now + """
            local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, ARGV[1])
            for _, packed in ipairs(due) do
                local job = cmsgpack.unpack(packed)
                redis.call('XADD', KEYS[1], '*', 'kind', job[1], 'payload', job[2], 'key', job[3],
                    'attempt', job[4], 'error', job[5])
                redis.call('ZREM', KEYS[2], packed)
            end
            return #due
            """)

    /// Takes over entries that others have had for too long. KEYS: stream. ARGV: group, worker, idle in milliseconds,
    /// limit. Returns the entries, and how often each was delivered, this time included.
    static let takeAbandoned = RedisScript(
        """
        local entries, deliveries = {}, {}
        local claimed = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], '0', 'COUNT', ARGV[4])
        for _, entry in ipairs(claimed[2]) do
            if entry then
                entries[#entries + 1] = entry
                local pending = redis.call('XPENDING', KEYS[1], ARGV[1], entry[1], entry[1], 1)
                deliveries[#deliveries + 1] = pending[1][4]
            end
        end
        return {entries, deliveries}
        """)

    /// Ends a job that was done. KEYS: stream, state. ARGV: group, entry, lifetime of the state in seconds.
    static let finish = RedisScript(
        """
        redis.call('SET', KEYS[2], 'done', 'EX', ARGV[3])
        redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
        return redis.call('XDEL', KEYS[1], ARGV[2])
        """)

    /// Delays a job that has failed, if it is still this worker's. KEYS: stream, delayed. ARGV: group, entry, delay in
    /// milliseconds, kind, payload, key, next attempt, error.
    static let retry = RedisScript(
        now + """
            if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
            redis.call('XDEL', KEYS[1], ARGV[2])
            return redis.call('ZADD', KEYS[2], now + ARGV[3],
                cmsgpack.pack({ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]}))
            """)

    /// Moves a job to the dead letters. KEYS: stream, dead. ARGV: group, entry, kind, payload, key, attempt, error.
    static let bury = RedisScript(
        """
        if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
        redis.call('XDEL', KEYS[1], ARGV[2])
        redis.call('XADD', KEYS[2], '*', 'kind', ARGV[3], 'payload', ARGV[4], 'key', ARGV[5],
            'attempt', ARGV[6], 'error', ARGV[7])
        return 1
        """)

    /// Removes old dead letters, whose ids begin with the time. KEYS: dead. ARGV: age in milliseconds.
    static let dropDead = RedisScript(
        now + "return redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f', now - ARGV[1]))")

    /// Moves a dead letter back to the stream, for a first attempt. KEYS: stream, dead. ARGV: entry. Returns 1 if it
    /// was there.
    static let revive = RedisScript(
        """
        local found = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])
        if #found == 0 then return 0 end
        local f = found[1][2]
        redis.call('XADD', KEYS[1], '*', f[1], f[2], f[3], f[4], f[5], f[6], 'attempt', '1')
        return redis.call('XDEL', KEYS[2], ARGV[1])
        """)
}
