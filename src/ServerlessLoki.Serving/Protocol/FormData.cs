using System.Net.Http.Headers;
using System.Text;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Parser of <c>multipart/form-data</c> (RFC 7578) in memory: parts are slices of the body.</summary>
internal static class FormData
{
    /// <summary>Media type of forms.</summary>
    public const string MediaType = "multipart/form-data";

    private const int MostBoundary = 70, MostHead = 8 << 10;

    private static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    public static bool IsMediaType(ReadOnlySpan<char> mediaType) => mediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the boundary of a content type.</summary>
    /// <exception cref="ApiFaultException">400: there is none.</exception>
    public static string BoundaryOf(string contentType)
    {
        var boundary = MediaTypeHeaderValue.TryParse(contentType, out var type)
            ? type.Parameters.FirstOrDefault(static p => p.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase))?.Value?.Trim('"') : null;
        return boundary is { Length: >= 1 and <= MostBoundary } && Ascii.IsValid(boundary) ? boundary
            : throw ApiFaultException.Bad($"Content-Type: {MediaType} needs a boundary of 1 to {MostBoundary} characters.");
    }

    /// <summary>Lists the parts in their order.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="boundary">Text between the parts.</param>
    /// <param name="most">Most parts.</param>
    /// <exception cref="ApiFaultException">400: the body is no such form; 413: too many parts.</exception>
    public static List<FormPart> Parse(ReadOnlyMemory<byte> body, string boundary, int most)
    {
        var parts = new List<FormPart>();
        var delimiter = Encoding.ASCII.GetBytes($"--{boundary}");
        // The first one may begin the body; each other begins a line.
        var at = body.Span.StartsWith(delimiter) ? 0 : Next(body.Span, 0, delimiter);
        while (at >= 0)
        {
            var rest = body[(at + delimiter.Length)..];
            if (rest.Span.StartsWith("--"u8))
                return parts;
            rest = rest[Blanks(rest.Span)..];
            if (!rest.Span.StartsWith(LineEnd))
                throw Broken("a boundary is followed by neither a line's end nor \"--\"");
            if (parts.Count == most)
                throw ApiFaultException.TooLarge($"The form has more than {most} parts. Send them in several requests.");
            var start = body.Length - rest.Length + LineEnd.Length;
            at = Next(body.Span, start - LineEnd.Length, delimiter);
            // A form without fields has one that holds nothing, not even headers.
            if (at - LineEnd.Length > start)
                parts.Add(Part(body[start..(at - LineEnd.Length)]));
        }

        throw Broken(parts.Count == 0 && !body.Span.StartsWith(delimiter) ? "the boundary of the Content-Type is nowhere in it" : "it ends before its last boundary");
    }

    /// <summary>Finds the next delimiter behind a line's end; −1 = none.</summary>
    private static int Next(ReadOnlySpan<byte> body, int from, ReadOnlySpan<byte> delimiter)
    {
        while (true)
        {
            var found = body[from..].IndexOf(delimiter);
            if (found < 0)
                return -1;
            var at = from + found;
            if (at >= LineEnd.Length && body[(at - LineEnd.Length)..at].SequenceEqual(LineEnd))
                return at;
            from = at + 1;
        }
    }

    private static int Blanks(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept((byte)' ', (byte)'\t') is var end && end > 0 ? end : 0;

    private static FormPart Part(ReadOnlyMemory<byte> part)
    {
        // A part without headers begins with the empty line itself.
        var isHeadless = part.Span.StartsWith(LineEnd);
        var end = isHeadless ? 0 : part.Span[..Math.Min(part.Length, MostHead)].IndexOf("\r\n\r\n"u8);
        if (end < 0)
            throw Broken($"a part's headers do not end within {MostHead} bytes");
        var lines = isHeadless ? [] : Encoding.UTF8.GetString(part.Span[..end]).Split("\r\n");
        const string Disposition = "Content-Disposition:";
        var line = Array.Find(lines, static l => l.StartsWith(Disposition, StringComparison.OrdinalIgnoreCase));
        if (line is null || !ContentDispositionHeaderValue.TryParse(line[Disposition.Length..].Trim(), out var said) || said.Name?.Trim('"') is not { Length: > 0 } name)
            throw Broken("a part has no \"Content-Disposition: form-data; name=…\"");
        return new FormPart(name, said.FileName is not null || said.FileNameStar is not null, part[(end + (isHeadless ? LineEnd.Length : 2 * LineEnd.Length))..]);
    }

    private static ApiFaultException Broken(string why) => ApiFaultException.Bad($"The form is malformed: {why}.");
}
