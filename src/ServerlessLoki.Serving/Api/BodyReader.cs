using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace ServerlessLoki.Serving.Api;

/// <summary>Reads a request body once, into one pooled block.</summary>
public static class BodyReader
{
    private const int FirstBlock = 64 << 10;

    /// <inheritdoc cref="ReadAsync(HttpRequest, int, int, CancellationToken)" />
    public static ValueTask<PooledBytes> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken) =>
        ReadAsync(request, maxBytes, 0, cancellationToken);

    /// <summary>Reads all of it. The caller owns the bytes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxBytes">Most bytes taken.</param>
    /// <param name="jsonLength">Bytes before the first tensor, which is put where a model can read it in place.</param>
    /// <param name="cancellationToken">The caller went away.</param>
    /// <exception cref="ApiFaultException">413 above the limit, before memory is taken where the length is announced.</exception>
    public static async ValueTask<PooledBytes> ReadAsync(
        HttpRequest request, int maxBytes, int jsonLength, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var announced = request.ContentLength;
        if (announced > maxBytes)
            throw TooLarge(maxBytes);
        if (announced == 0)
            return PooledBytes.Rent(0);
        var body = PooledBytes.Rent((int)(announced ?? Math.Min(FirstBlock, maxBytes)), jsonLength);
        var used = 0;
        try
        {
            var pipe = request.BodyReader;
            while (true)
            {
                var read = await pipe.ReadAsync(cancellationToken);
                var length = read.Buffer.Length;
                if (used + length > maxBytes)
                {
                    // The server drains the rest itself and must find the reader free.
                    pipe.AdvanceTo(read.Buffer.End);
                    throw TooLarge(maxBytes);
                }

                if (used + length > body.Length)
                    body.Resize((int)Math.Min(maxBytes, Math.Max(used + length, 2L * body.Length)));
                read.Buffer.CopyTo(body.Memory.Span[used..]);
                used += (int)length;
                pipe.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }

            body.Resize(used);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static ApiFaultException TooLarge(int maxBytes) =>
        ApiFaultException.TooLarge($"The body is larger than the {maxBytes} bytes that are taken.");
}
