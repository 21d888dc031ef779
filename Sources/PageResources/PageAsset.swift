/// A script or style sheet that a page loads, embedded in the program.
package struct PageAsset: Sendable {
    /// The name of the file. Modules import each other by name, so all assets of a page are served from one folder.
    package let name: String
    /// The contents of the file.
    package let bytes: [UInt8]

    /// Creates an asset.
    package init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// The media type, with the character set.
    package var mediaType: String {
        name.hasSuffix(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8"
    }

    /// The assets of every page that searches: the search page, and the storefront.
    package static let shared = [
        PageAsset("app.css", PackageResources.app_css),
        PageAsset("suggest.css", PackageResources.suggest_css),
        PageAsset("api.js", PackageResources.api_js),
        PageAsset("combobox.js", PackageResources.combobox_js),
        PageAsset("dom.js", PackageResources.dom_js),
        PageAsset("facets.js", PackageResources.facets_js),
        PageAsset("filters.js", PackageResources.filters_js),
        PageAsset("i18n.js", PackageResources.i18n_js),
        PageAsset("recent.js", PackageResources.recent_js),
        PageAsset("results.js", PackageResources.results_js),
        PageAsset("search.js", PackageResources.search_js),
        PageAsset("suggest.js", PackageResources.suggest_js),
        PageAsset("typing.js", PackageResources.typing_js),
        PageAsset("url.js", PackageResources.url_js),
    ]
}
