namespace ServerlessLoki.Serving;

/// <summary>A request that cannot be served; carries the status and code of the answer.</summary>
public sealed class ApiFaultException : Exception
{
    /// <summary>Makes the fault with its answer.</summary>
    /// <param name="status">HTTP status, 4xx or 503.</param>
    /// <param name="code">Short cause for programs, for example <c>bad_request</c>.</param>
    /// <param name="message">Text with the value found and the values allowed.</param>
    /// <param name="retryAfter">Time after which to retry; null if a retry would not help.</param>
    public ApiFaultException(int status, string code, string message, TimeSpan? retryAfter = null)
        : base(message)
    {
        Status = status;
        Code = code;
        RetryAfter = retryAfter;
    }

    /// <summary>HTTP status.</summary>
    public int Status { get; }

    /// <summary>Short cause for programs, for example <c>bad_request</c>.</summary>
    public string Code { get; }

    /// <summary>Time after which to retry; null if a retry would not help.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>True when the rest of the request cannot or must not be read: the connection is closed after the answer.</summary>
    internal bool EndsConnection { get; set; }

    internal static ApiFaultException Bad(string message) => new(400, "bad_request", message);

    internal static ApiFaultException NotFound(string message) => new(404, "not_found", message);

    internal static ApiFaultException TooLarge(string message) => new(413, "too_large", message);

    internal static ApiFaultException UnsupportedMedia(string message) => new(415, "unsupported_media_type", message);

    internal static ApiFaultException UnsupportedDatatype(string message) => new(422, "unsupported_datatype", message);

    internal static ApiFaultException Starting() =>
        new(503, "unavailable", "The host is starting: models are profiled and loaded. Try again shortly.", TimeSpan.FromSeconds(1));
}
