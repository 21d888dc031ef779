extension Transaction {
    /// Moves an order to another state, with a row of its history. Goods of an order that ends unsold return to the
    /// stock, or to the flash sale that they are from, once.
    ///
    /// Errors: `StoreError.unchanged` if the order is not in the state `from`, or `to` does not follow it.
    func move(
        _ id: String, from: OrderStatus, to: OrderStatus, actor: String, note: String = "", now: Milliseconds
    ) throws {
        guard from.next.contains(to) else { throw StoreError.unchanged }
        let changed = try execute(
            "UPDATE order_info SET status = ?, updated_at = ? WHERE order_id = ? AND status = ?",
            to.rawValue, now, id, from.rawValue)
        guard changed == 1 else { throw StoreError.unchanged }
        try addEvent(id, from: from, to: to, actor: actor, note, now)
        if from.holdsGoods, !to.holdsGoods, try !returnUnit(of: id, now: now) {
            for line in try orderLines(of: id) { try takeBack(line.goodsId, line.count, now: now) }
        }
    }
}
