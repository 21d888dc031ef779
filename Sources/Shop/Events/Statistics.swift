/// The numbers that people ask of the event log.
package struct Statistics: Sendable {
    /// A way to count active accounts; both give the same numbers.
    package enum Source: String, CaseIterable, Sendable { case database, bitmaps }

    /// The activity of a day.
    package struct Activity: Encodable, Sendable, Equatable {
        package var day: String
        /// The accounts that were active on that day, and on it or one of the 29 days before.
        package var dau: Int
        package var mau: Int
        /// The accounts that were active for the first time.
        package var newcomers: Int
        /// The number of newcomers that were active again, by the number of days later; of days that have ended.
        package var returned: [String: Int]
    }

    /// The distances at which newcomers are looked for again, in days.
    package static let distances = [1, 7, 30]

    private let store: Store
    private let marks: ActivityMarks

    init(_ store: Store, _ redis: RedisClient) {
        self.store = store
        marks = ActivityMarks(redis)
    }

    /// Counts the activity of each day of a range, on a day `today`.
    package func activity(_ days: ClosedRange<Day>, today: Day, by source: Source) async throws -> [Activity] {
        var list: [Activity] = []
        for number in days.lowerBound.number...days.upperBound.number {
            let day = Day(number: number)
            let month = Day(number: number - 29)...day
            let distances = Self.distances.filter { number + $0 < today.number }
            var activity: Activity
            switch source {
            case .database:
                activity = try await store.read { transaction in
                    let returned = try distances.map { ("\($0)", try transaction.returned(day, after: $0)) }
                    return Activity(
                        day: "\(day)", dau: try transaction.activeAccounts(day...day),
                        mau: try transaction.activeAccounts(month), newcomers: try transaction.newcomers(day),
                        returned: Dictionary(uniqueKeysWithValues: returned))
                }
            case .bitmaps:
                activity = Activity(
                    day: "\(day)", dau: try await marks.activeAccounts(day...day),
                    mau: try await marks.activeAccounts(month), newcomers: try await marks.newcomers(day), returned: [:]
                )
                for distance in distances {
                    activity.returned["\(distance)"] = try await marks.returned(day, after: distance)
                }
            }
            list.append(activity)
        }
        return list
    }

    /// Counts the visitors of some days who went from a search to an order.
    package func funnel(_ days: ClosedRange<Day>) async throws -> Funnel {
        try await store.read { try $0.funnel(days) }
    }

    /// Makes the bitmaps from the database, for a Redis that has lost them. Returns the number of marks.
    package func rebuildBitmaps() async throws -> Int {
        var last = ActiveDay(day: 0, passportId: 0), count = 0
        while true {
            let days = try await store.read { [last] in try $0.activeDays(after: last, limit: 1000) }
            guard let end = days.last else { return count }
            try await marks.add(days)
            (last, count) = (end, count + days.count)
        }
    }
}
