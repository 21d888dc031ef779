import FoundationEssentials
import Logging

/// Makes orders of claims: a batch is one transaction, and leaves the stream only after its commit. A batch that is
/// delivered again finds its orders and makes no second ones.
struct FlashOrders: Sendable {
    /// The number of claims of a batch.
    static let batch = 800
    /// The deliveries after which a claim is worked on alone, because something about it may fail whole batches.
    private static let deliveryLimit = 6
    /// The workers that may die of a claim that they work on alone; then it is given up.
    private static let deathLimit = 3

    let orders: OrderService
    let sales: FlashSales
    let logger: Logger

    private var store: Store { sales.store }
    private var queue: JobQueue { sales.queue }

    /// A claim with what its order needs and the transaction need not work out.
    private struct Entry: Sendable {
        let taken: JobQueue.Taken
        let claim: FlashClaim
        /// The number of the order, unless another order has it.
        var orderID: String
        /// The address of the delivery; nil if there is none.
        var address: AddressSnapshot?

        init(_ taken: JobQueue.Taken, _ timeText: String) throws {
            guard let claim = FlashClaim(taken.job.payload) else {
                throw PermanentJobFailure("the payload of the job is no claim")
            }
            (self.taken, self.claim) = (taken, claim)
            orderID = OrderService.orderID(claim.passport, timeText)
        }

        var ticket: String { taken.job.key }
        /// The idempotency key of the order.
        var key: String { FlashOrder.key(of: ticket) }
        var isAlone: Bool { taken.job.attempt > FlashOrders.deliveryLimit }
    }

    /// The end of a claim.
    private enum Outcome: Sendable, Equatable {
        /// An order holds a unit for it.
        case ordered
        /// Its order has given the unit back.
        case past
        case failed(String)

        /// The word for the script.
        var word: String {
            switch self {
            case .ordered: ""
            case .past: "past"
            case .failed(let reason): reason
            }
        }
    }

    /// Makes orders of entries, and removes these from the stream.
    func take(_ taken: [JobQueue.Taken]) async throws {
        let now = orders.now(), timeText = OrderService.timeText(now)
        var readable: [Entry] = []
        for taken in taken {
            do {
                readable.append(try Entry(taken, timeText))
            } catch {
                try await queue.bury(taken, error: "\(error)")
            }
        }
        let together = readable.filter { !$0.isAlone }
        if !together.isEmpty { try await settle(together, makeOrders(of: together, now)) }
        // In another order each time, so that one that ends its worker does not always come first.
        for entry in readable.filter(\.isAlone).shuffled() { try await workAlone(on: entry, now) }
    }

    /// Makes the order of a claim that was delivered too often. It is given up if its transaction fails, unless it is
    /// the database that cannot work, or if workers have died of it.
    private func workAlone(on entry: Entry, _ now: Milliseconds) async throws {
        guard try await queue.countTrial(entry.taken) <= Self.deathLimit else {
            return try await giveUp(entry, PermanentJobFailure("its workers died"), now)
        }
        let outcomes: [Outcome]
        do {
            outcomes = try await makeOrders(of: [entry], now)
        } catch {
            try await queue.forgetTrials(entry.taken)
            guard !StoreError.isPassing(error), !Task.isCancelled else { throw error }
            return try await giveUp(entry, error, now)
        }
        try await settle([entry], outcomes)
    }

    /// Ends a claim that becomes no order, and makes it a dead letter. Nobody makes an order of its ticket any more,
    /// and its unit is free again, unless an order holds it.
    private func giveUp(_ entry: Entry, _ error: any Error, _ now: Milliseconds) async throws {
        let claim = entry.claim
        let outcome = try await store.write { transaction -> Outcome in
            let held = try transaction.flashOrders(of: claim.flash, by: [claim.passport]).first
            if held?.ticket == entry.ticket { return .ordered }
            let isNew = try transaction.isFirst(entry.key, now: now)
            let hasNone = try transaction.order(idempotencyKey: entry.key, of: claim.passport) == nil
            return isNew && hasNone && held == nil ? .failed("error") : .past
        }
        try await settle([entry], [outcome])
        guard outcome != .ordered else { return }
        logger.error(
            "a claim failed for good",
            metadata: ["ticket": "\(entry.ticket)", "attempt": "\(entry.taken.job.attempt)", "error": "\(error)"])
        try await queue.addDead(entry.taken.job, error: "\(error)")
    }

    private func makeOrders(of entries: [Entry], _ now: Milliseconds) async throws -> [Outcome] {
        let addresses = try await store.read { transaction in
            try transaction.addressSnapshots(of: Array(Set(entries.map(\.claim.passport))))
        }
        let addressed = entries.map { entry in
            var entry = entry
            entry.address = addresses[entry.claim.passport]?.first { address in
                entry.claim.address.map { $0 == address.id } ?? address.isDefault
            }
            return entry
        }
        return try await store.write { try self.outcomes(of: addressed, $0, now) }
    }

    /// Tells Redis what became of claims, and removes their entries from the stream.
    private func settle(_ entries: [Entry], _ outcomes: [Outcome]) async throws {
        let ended = Array(zip(entries, outcomes))
        let ends = Dictionary(grouping: ended, by: \.0.claim.flash)
        _ = try await sales.redis.run(
            FlashScripts.settle,
            ends.map { sale, ends in
                RedisScript.Call(
                    keys: FlashScripts.keys(sale) + [queue.stream],
                    arguments: [JobQueue.group, FlashClaims.channel, String(sale)]
                        + ends.flatMap { entry, outcome in
                            [entry.taken.entry, String(entry.claim.passport), entry.ticket, outcome.word]
                        })
            })
        // Redis has given out more units than there were: it must have lost buyers. Or it may have a buyer whose order
        // was given back, because it was seeded while the entry was there.
        let wrong = ended.filter { [.failed("sold_out"), .past].contains($0.1) }.map(\.0.claim.flash)
        for sale in Set(wrong) { _ = try await sales.seedUnlessClosed(sale) }
    }

    /// Makes the orders of a batch, and returns what became of each claim.
    private func outcomes(
        of entries: [Entry], _ transaction: Transaction, _ now: Milliseconds
    ) throws -> [Outcome] {
        var batch = try Batch(entries, transaction)
        let outcomes = try entries.map { try outcome(of: $0, &batch, transaction, now) }
        for lot in batch.lots.values where !lot.made.isEmpty {
            try transaction.addUnits(of: lot.sale, named: lot.goods.draft.name, to: lot.made, now: now)
        }
        for (order, ticket) in batch.newTickets { try transaction.setTicket(ticket, of: order) }
        let made = batch.lots.values.flatMap(\.made)
        if !made.isEmpty {
            try transaction.beginHistories(of: made, now: now)
            try transaction.tell(of: .placed, made, now: now)
        }
        return outcomes
    }

    /// The facts of the database about the claims of a batch, as they change with its orders.
    private struct Batch {
        /// A sale that is not closed.
        struct Lot {
            var sale: FlashSale
            var goods: Goods
            /// The orders that the batch has made; they have their rows in `order_info` and nothing else yet.
            var made: [String] = []
            var left: Int { sale.units - sale.sold - made.count }
        }

        var lots: [Int: Lot] = [:]
        /// The orders that hold units, by sale and account.
        var held: [Int: [Int: FlashOrder]] = [:]
        /// Orders that get the tickets of other claims, in the order of these.
        var newTickets: [(order: FlashOrder, ticket: String)] = []
        /// The keys of tickets that make no order although no order has them.
        var spent: Set<String> = []
        /// The orders without money of accounts that have some.
        var open: [Int: Int]

        init(_ entries: [Entry], _ transaction: Transaction) throws {
            let buyers = Dictionary(grouping: entries, by: \.claim.flash).mapValues { $0.map(\.claim.passport) }
            open = try transaction.openOrders(of: Array(Set(entries.map(\.claim.passport))))
            for (id, passports) in buyers {
                for order in try transaction.flashOrders(of: id, by: passports) {
                    held[id, default: [:]][order.passport] = order
                }
                spent.formUnion(try transaction.effects(beginningWith: FlashOrder.key(of: "\(id)-")))
                guard let sale = try transaction.flashSale(id), sale.status != .closed,
                    let goods = try transaction.goods([sale.goodsID])[sale.goodsID]
                else { continue }
                lots[id] = Lot(sale: sale, goods: goods)
            }
        }

        /// True if the ticket of a claim makes no order: it has made one before, or is spent.
        func isPast(_ entry: Entry, _ transaction: Transaction) throws -> Bool {
            try spent.contains(entry.key)
                || transaction.order(idempotencyKey: entry.key, of: entry.claim.passport) != nil
        }
    }

    private func outcome(
        of entry: Entry, _ batch: inout Batch, _ transaction: Transaction, _ now: Milliseconds
    ) throws -> Outcome {
        let claim = entry.claim
        if let order = batch.held[claim.flash]?[claim.passport] {
            if order.ticket == entry.ticket { return .ordered }
            if try batch.isPast(entry, transaction) { return .past }
            // Redis has forgotten the ticket of the order. Nobody knows of this one once the order is given back.
            batch.newTickets.append((order, entry.ticket))
            _ = try transaction.isFirst(entry.key, now: now)
            batch.spent.insert(entry.key)
            batch.held[claim.flash]?[claim.passport]?.ticket = entry.ticket
            return .ordered
        }
        func failed(_ reason: String) throws -> Outcome {
            try batch.isPast(entry, transaction) ? .past : .failed(reason)
        }
        guard let lot = batch.lots[claim.flash] else { return try failed("ended") }
        guard lot.goods.isOnSale else { return try failed("off_shelf") }
        guard lot.left > 0 else { return try failed("sold_out") }
        guard batch.open[claim.passport, default: 0] < orders.unpaidLimit else { return try failed("too_many_unpaid") }
        guard let address = entry.address else { return try failed("no_address") }
        guard !batch.spent.contains(entry.key) else { return .past }
        let made: FlashOrder
        do {
            made = try order(entry, lot, to: address, transaction, now)
        } catch StoreError.duplicate {
            if try batch.isPast(entry, transaction) { return .past }
            // The account has another order of this millisecond.
            var entry = entry
            entry.orderID = try OrderService.newID(claim.passport, transaction, now)
            made = try order(entry, lot, to: address, transaction, now)
        }
        batch.held[claim.flash, default: [:]][claim.passport] = made
        batch.open[claim.passport, default: 0] += 1
        batch.lots[claim.flash]?.made.append(made.orderID)
        return .ordered
    }

    /// Makes the order of a claim, whose unit and history it gets with those of its batch. It is paid through Alipay if
    /// the shop offers that, else in the first way that it offers.
    ///
    /// Errors: `StoreError.duplicate`, and nothing has changed, if another order has its key or its number.
    private func order(
        _ entry: Entry, _ lot: Batch.Lot, to address: AddressSnapshot, _ transaction: Transaction, _ now: Milliseconds
    ) throws -> FlashOrder {
        let (claim, sale) = (entry.claim, lot.sale)
        let payMethod = orders.payMethods.contains(.alipay) ? .alipay : orders.payMethods[0]
        let isUnpaid = payMethod == .alipay
        let order = Order(
            id: entry.orderID, passport: claim.passport,
            addressID: address.id, address: address.json, totalCount: 1, totalPrice: sale.price,
            transitPrice: orders.transitPrice, payMethod: payMethod, status: isUnpaid ? .unpaid : .paid,
            idempotencyKey: entry.key, request: entry.ticket, language: claim.language,
            expires: isUnpaid ? now + orders.timeout : nil, created: now)
        try transaction.addRow(of: order, now: now)
        return FlashOrder(flashID: sale.id, passport: claim.passport, orderID: order.id, ticket: entry.ticket)
    }
}
