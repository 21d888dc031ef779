import FoundationEssentials

/// Makes orders of claims: a batch is one transaction, and leaves the stream only after its commit. A batch that is
/// delivered again finds its orders and makes no second ones.
struct FlashOrders: Sendable {
    /// The number of claims of a batch.
    static let batch = 200
    /// The deliveries after which a claim is worked on alone, because something about it may fail whole batches.
    private static let deliveryLimit = 6

    let orders: OrderService
    let sales: FlashSales

    private var store: Store { sales.store }
    private var queue: JobQueue { sales.queue }

    /// A claim with what its order needs and the transaction need not work out.
    private struct Entry: Sendable {
        /// The name of the entry in the stream.
        var name: String
        var ticket: String
        var claim: FlashClaim
        var attempt: Int
        /// The number of the order, unless another order has it.
        var orderID: String

        init(_ taken: JobQueue.Taken, _ now: Milliseconds) throws {
            (name, ticket, attempt) = (taken.entry, taken.job.key, taken.job.attempt)
            claim = try taken.job.decoded(FlashClaim.self)
            orderID = OrderService.orderID(claim.passport, at: now)
        }
    }

    /// The addresses of accounts, each with its text in an order.
    private typealias Addresses = [Int: [(address: Address, snapshot: String)]]

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
        let now = orders.now()
        var readable: [Entry] = []
        for taken in taken {
            do {
                readable.append(try Entry(taken, now))
            } catch {
                try await queue.bury(taken, error: "\(error)")
            }
        }
        try await end(readable.filter { $0.attempt <= Self.deliveryLimit }, now)
        // In another order each time, so that one that ends its worker does not always come first.
        for entry in readable.filter({ $0.attempt > Self.deliveryLimit }).shuffled() {
            try await end([entry], now, isLast: true)
        }
    }

    /// Makes orders of a batch, and removes its entries from the stream. If it is the last attempt, claims fail whose
    /// transaction does, unless it is the database that cannot work.
    private func end(_ entries: [Entry], _ now: Milliseconds, isLast: Bool = false) async throws {
        guard !entries.isEmpty else { return }
        let outcomes: [Outcome]
        do {
            outcomes = try await makeOrders(of: entries, now)
        } catch {
            guard isLast, !StoreError.isPassing(error), !Task.isCancelled else { throw error }
            outcomes = entries.map { _ in .failed("error") }
        }
        try await settle(Array(zip(entries, outcomes)))
    }

    private func makeOrders(of entries: [Entry], _ now: Milliseconds) async throws -> [Outcome] {
        let addresses = try await store.read { transaction in
            try transaction.addresses(of: Array(Set(entries.map(\.claim.passport)))).mapValues { list in
                try list.map { ($0, try OrderService.snapshot($0)) }
            }
        }
        return try await store.write { try self.outcomes(of: entries, addresses, $0, now) }
    }

    /// Tells Redis what became of claims, and removes their entries from the stream.
    private func settle(_ ended: [(Entry, Outcome)]) async throws {
        let ends = Dictionary(grouping: ended, by: \.0.claim.flash)
        _ = try await sales.redis.run(
            FlashScripts.settle,
            ends.map { sale, ends in
                RedisScript.Call(
                    keys: FlashScripts.keys(sale) + [queue.stream],
                    arguments: [JobQueue.group, FlashClaims.channel, String(sale)]
                        + ends.flatMap { entry, outcome in
                            [entry.name, String(entry.claim.passport), entry.ticket, outcome.word]
                        })
            })
        // Redis has given out more units than there were: it must have lost buyers. Or it may have a buyer whose order
        // was given back, because it was seeded while the entry was there.
        let wrong = ended.filter { [.failed("sold_out"), .past].contains($0.1) }.map(\.0.claim.flash)
        for sale in Set(wrong) { _ = try await sales.seedUnlessClosed(sale) }
    }

    /// Makes the orders of a batch, and returns what became of each claim.
    private func outcomes(
        of entries: [Entry], _ addresses: Addresses, _ transaction: Transaction, _ now: Milliseconds
    ) throws -> [Outcome] {
        let pairs = entries.map { (flash: $0.claim.flash, passport: $0.claim.passport) }
        let keys = entries.map { FlashOrder.key(of: $0.ticket) }
        var past = try transaction.orderKeys(Array(zip(entries.map(\.claim.passport), keys)))
            .union(transaction.effects(among: keys))
        var held: [Int: [Int: FlashOrder]] = [:]
        for order in try transaction.flashOrders(of: pairs) {
            held[order.flashID, default: [:]][order.passport] = order
        }
        var lots: [Int: Lot] = [:]
        for id in Set(pairs.map(\.flash)) {
            guard let sale = try transaction.flashSale(id), sale.status != .closed,
                let goods = try transaction.goods([sale.goodsID])[sale.goodsID]
            else { continue }
            lots[id] = Lot(sale: sale, goods: goods)
        }
        var open = try transaction.openOrders(of: Array(Set(pairs.map(\.passport))))
        var taken = try transaction.orderIDs(among: entries.map(\.orderID))
        let outcomes = try entries.map { entry in
            let claim = entry.claim
            if var order = held[claim.flash]?[claim.passport] {
                if order.ticket != entry.ticket, !past.contains(FlashOrder.key(of: entry.ticket)) {
                    // Nobody else knows of the ticket once the order is given back.
                    past.insert(FlashOrder.key(of: entry.ticket))
                    _ = try transaction.isFirst(FlashOrder.key(of: entry.ticket), now: now)
                    try transaction.setTicket(entry.ticket, of: order)
                    order.ticket = entry.ticket
                    held[claim.flash]?[claim.passport] = order
                }
                return order.ticket == entry.ticket ? Outcome.ordered : .past
            }
            if past.contains(FlashOrder.key(of: entry.ticket)) { return .past }
            guard var lot = lots[claim.flash] else { return .failed("ended") }
            guard lot.goods.isOnSale else { return .failed("off_shelf") }
            guard lot.left > 0 else { return .failed("sold_out") }
            guard open[claim.passport, default: 0] < orders.unpaidLimit else { return .failed("too_many_unpaid") }
            let own = addresses[claim.passport] ?? []
            let isChosen = { (address: Address) in claim.address.map { $0 == address.id } ?? address.isDefault }
            guard let (address, snapshot) = own.first(where: { isChosen($0.address) }) else {
                return .failed("no_address")
            }
            var entry = entry
            if !taken.insert(entry.orderID).inserted {
                entry.orderID = try OrderService.newID(claim.passport, transaction, now)
            }
            held[claim.flash, default: [:]][claim.passport] = try order(
                entry, lot, to: (address.id, snapshot), transaction, now)
            open[claim.passport, default: 0] += 1
            lot.sold += 1
            lots[claim.flash] = lot
            return .ordered
        }
        for lot in lots.values where lot.sold > 0 { try transaction.sellUnits(lot.sold, of: lot.sale, now: now) }
        return outcomes
    }

    /// A sale during a batch.
    private struct Lot {
        var sale: FlashSale
        var goods: Goods
        /// The units that the batch has sold.
        var sold = 0
        var left: Int { sale.units - sale.sold - sold }
    }

    /// Makes the order of a claim. It is paid through Alipay if the shop offers that, else in the first way that it
    /// offers.
    private func order(
        _ entry: Entry, _ lot: Lot, to address: (id: Int, snapshot: String), _ transaction: Transaction,
        _ now: Milliseconds
    ) throws -> FlashOrder {
        let (claim, sale) = (entry.claim, lot.sale)
        let payMethod = orders.payMethods.contains(.alipay) ? .alipay : orders.payMethods[0]
        let isUnpaid = payMethod == .alipay
        let order = Order(
            id: entry.orderID, passport: claim.passport,
            addressID: address.id, address: address.snapshot, totalCount: 1, totalPrice: sale.price,
            transitPrice: orders.transitPrice, payMethod: payMethod, status: isUnpaid ? .unpaid : .paid,
            idempotencyKey: FlashOrder.key(of: entry.ticket), request: entry.ticket, language: claim.language,
            expires: isUnpaid ? now + orders.timeout : nil, created: now)
        let line = OrderLine(goodsId: sale.goodsID, count: 1, price: sale.price, name: lot.goods.draft.name)
        try transaction.add(order, [line], isReserved: true, now: now)
        let held = FlashOrder(flashID: sale.id, passport: claim.passport, orderID: order.id, ticket: entry.ticket)
        try transaction.add(held, now: now)
        try transaction.tell(of: .placed, order, now: now)
        return held
    }
}
