/// The id of the request that the running task works for.
enum RequestID {
    @TaskLocal static var current: String?
}
