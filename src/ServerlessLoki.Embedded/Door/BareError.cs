using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ServerlessLoki.Embedded.Door;

/// <summary>Detection of errors that the web server answers by itself, before the API sees a request: a status without a body.</summary>
internal static class BareError
{
    private static ReadOnlySpan<byte> Start => "HTTP/1.1 "u8;

    /// <summary>Returns the same answer with the body that every error has; null when the answer is something else.</summary>
    public static byte[]? Complete(ReadOnlySpan<byte> head, TimeProvider time)
    {
        if (!head.StartsWith(Start) || head.Length < Start.Length + 3 || head[Start.Length] is not ((byte)'4' or (byte)'5')
            || !head.EndsWith("\r\n\r\n"u8) || head.IndexOf("\r\nContent-Length: 0\r\n"u8) < 0 || head.IndexOf("\r\nConnection: close\r\n"u8) < 0
            || !Utf8Parser.TryParse(head.Slice(Start.Length, 3), out int status, out _))
        {
            return null;
        }

        var (answered, reason, code, error) = Text(status);
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(StringComparer.Ordinal) { ["error"] = error, ["code"] = code });
        return
        [
            .. Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {answered} {reason}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\nDate: {time.GetUtcNow():R}\r\n\r\n")),
            .. body,
        ];
    }

    private static (int Status, string Reason, string Code, string Error) Text(int status) => status switch
    {
        408 => (408, "Request Timeout", "too_slow", "The head of the request did not come in time."),
        413 => (413, "Payload Too Large", "too_large", "The body is larger than what is taken."),
        414 => (414, "URI Too Long", "too_large", "The first line of the request is longer than what is taken."),
        431 => (431, "Request Header Fields Too Large", "too_large", "The headers of the request are more, or longer, than what is taken."),
        // The client is at fault, so it is told so by a status of its own kind.
        505 => (400, "Bad Request", "bad_request", "The request's version of HTTP is not taken. Send HTTP/1.1."),
        _ => (400, "Bad Request", "bad_request", "The request is not valid HTTP/1.1: its first line, Host, another header or its framing cannot be read."),
    };
}
