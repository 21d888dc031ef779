package import PageResources

/// The storefront: one document for all its pages, and the assets that it loads, embedded in the program.
package enum StorefrontFiles {
    /// The document, in UTF-8. It loads its assets from the folder `/assets/`.
    package static let document = PackageResources.storefront_html

    /// The assets, among them those that it shares with the search page.
    package static let assets =
        PageAsset.shared + [
            PageAsset("account.js", PackageResources.account_js),
            PageAsset("addresses.js", PackageResources.addresses_js),
            PageAsset("cart.js", PackageResources.cart_js),
            PageAsset("checkout.js", PackageResources.checkout_js),
            PageAsset("detail.js", PackageResources.detail_js),
            PageAsset("entry.js", PackageResources.entry_js),
            PageAsset("forms.css", PackageResources.forms_css),
            PageAsset("forms.js", PackageResources.forms_js),
            PageAsset("events.js", PackageResources.events_js),
            PageAsset("goods.js", PackageResources.goods_js),
            PageAsset("home.js", PackageResources.home_js),
            PageAsset("list.js", PackageResources.list_js),
            PageAsset("messages.js", PackageResources.messages_js),
            PageAsset("order.js", PackageResources.order_js),
            PageAsset("orders.js", PackageResources.orders_js),
            PageAsset("rest.js", PackageResources.rest_js),
            PageAsset("searchbox.js", PackageResources.searchbox_js),
            PageAsset("searching.js", PackageResources.searching_js),
            PageAsset("session.js", PackageResources.session_js),
            PageAsset("shop.css", PackageResources.shop_css),
            PageAsset("storefront.js", PackageResources.storefront_js),
        ]
}
