import Kernels
import TestSupport
import Testing

@testable import Indexer
@testable import Segments

/// The times at which views are published, on a clock of the tests' own.
@Suite struct ViewScheduleTests {
    private let start = ContinuousClock.now
    private var options: LiveOptions {
        var options = LiveOptions()
        options.refreshEvery = .milliseconds(50)
        options.refreshAfter = .milliseconds(250)
        options.refreshBytes = 1000
        return options
    }

    private func time(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    /// Returns a schedule whose last view was published at 0, and took `cost` milliseconds.
    private func schedule(cost: Int = 0) -> ViewSchedule {
        var schedule = ViewSchedule(options)
        schedule.published(from: time(-cost), to: start)
        return schedule
    }

    @Test func aChangeAfterAPauseIsPublishedAtOnce() {
        var schedule = schedule()
        #expect(schedule.deadline == nil)
        #expect(!schedule.isDue(at: time(900), whileOthersWait: false))
        schedule.changed(bytes: 10, at: time(1000))
        #expect(schedule.deadline == time(1000))
        #expect(schedule.isDue(at: time(1000), whileOthersWait: false))
    }

    @Test func theFirstChangeOfAllIsPublishedAtOnce() {
        var schedule = ViewSchedule(options)
        schedule.changed(bytes: 10, at: start)
        #expect(schedule.isDue(at: start, whileOthersWait: false))
    }

    @Test func viewsAreApart() {
        var schedule = schedule()
        schedule.changed(bytes: 10, at: time(20))
        #expect(schedule.deadline == time(50))
        #expect(!schedule.isDue(at: time(49), whileOthersWait: false))
        #expect(schedule.isDue(at: time(50), whileOthersWait: false))
        schedule.published(from: time(50), to: time(51))
        #expect(schedule.deadline == nil)
        schedule.changed(bytes: 10, at: time(60))
        #expect(schedule.deadline == time(101))
    }

    @Test func changesThatWaitDelayAViewUpToTheMaximum() {
        var schedule = schedule()
        schedule.changed(bytes: 10, at: time(20))
        schedule.changed(bytes: 10, at: time(200))
        #expect(!schedule.isDue(at: time(269), whileOthersWait: true))
        #expect(schedule.isDue(at: time(270), whileOthersWait: true))
    }

    @Test func manyBytesDelayAView() {
        var schedule = schedule()
        schedule.changed(bytes: 999, at: time(20))
        #expect(schedule.deadline == time(50))
        schedule.changed(bytes: 1, at: time(30))
        #expect(schedule.deadline == time(250))
        // After a pause even they are visible at once.
        schedule.published(from: time(250), to: time(250))
        schedule.changed(bytes: 5000, at: time(501))
        #expect(schedule.deadline == time(501))
    }

    @Test func costlyViewsAreFurtherApart() {
        var schedule = schedule(cost: 40)
        schedule.changed(bytes: 10, at: time(20))
        #expect(schedule.deadline == time(160))
        var slow = self.schedule(cost: 400)
        slow.changed(bytes: 10, at: time(20))
        #expect(slow.deadline == time(250))
    }

    /// A change is visible when nothing else is to do, long before the maximum time.
    @Test func anIdleWriterPublishesBeforeTheNextReply() throws {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let schema = try Schema(key: "id", fields: [Field("id", .keyword)])
        try IndexWriter(folder, .empty(schema)).commit()
        let writer = try IndexWriter(folder, .current)
        var options = LiveOptions()
        options.refreshAfter = .seconds(3600)
        options.commitAfter = .seconds(3600)
        let queue = LiveQueue(SharedMemory(limit: 1 << 20))
        let state = LiveState(try writer.view())
        var document = DocumentBuffer()
        document.append(writer.members.key, text: "a")
        var batch = WriteBatch()
        try batch.put(document, writer.members)
        let seen = Monitor<[Int]>([])
        #expect(
            try queue.append(
                .write(batch, payload: [:], refresh: false) { _ in seen.withLock { $0.append(state.view.documents) } }))
        #expect(try queue.append(.commit { _ in seen.withLock { $0.append(state.view.documents) } }))
        #expect(try queue.append(.close { _ in }))
        try LiveLoop(writer, options, queue, state) { _ in }.run()
        // The reply to the change comes before the view, the one to the commit after it.
        #expect(seen.withLock { $0 } == [0, 1])
    }
}
