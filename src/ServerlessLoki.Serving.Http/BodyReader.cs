using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Http;

/// <summary>Reader of a request body: once, into one pooled block that grows with the bytes received.</summary>
internal static class BodyReader
{
    /// <summary>Bytes reserved for a body before any of it has arrived.</summary>
    internal const int FirstBlock = 16 << 10;

    /// <summary>Factor on the bytes received that gives the block's size: a quick upload is copied once or twice, a slow one reserves
    /// little.</summary>
    private const int Ahead = 4;

    /// <summary>Reads the whole body, unpacked if it is compressed. The caller owns the bytes, which are charged to
    /// <paramref name="share"/>.</summary>
    /// <param name="request">Request to read.</param>
    /// <param name="share">Share that is charged for the bytes.</param>
    /// <param name="maxBytes">Most bytes accepted, packed and unpacked.</param>
    /// <param name="jsonLength">Bytes before the first tensor, which is aligned so that a model can read it in place.</param>
    /// <exception cref="ApiFaultException">413 above the limit, before memory is taken where the length is announced; 415 for an
    /// unknown compression; 408, 429 or 400 for an upload that is too slow, has no room, or breaks its own framing.</exception>
    public static async ValueTask<PooledBytes> ReadAsync(HttpRequest request, ByteBudget.Share share, int maxBytes, int jsonLength = 0)
    {
        var body = await UnpackedAsync(request, share, maxBytes, jsonLength);
        body.Share = share;
        return body;
    }

    private static async ValueTask<PooledBytes> UnpackedAsync(HttpRequest request, ByteBudget.Share share, int maxBytes, int jsonLength)
    {
        if (ContentCoding.Of(request) is not { } coding)
            return await CollectAsync(request, share, maxBytes, jsonLength);
        using var packed = await CollectAsync(request, share, maxBytes, 0);
        // Megabytes of unpacking are not for the thread that received them.
        return await Task.Run(() => coding.Unpack(packed, share, maxBytes, jsonLength));
    }

    private static async ValueTask<PooledBytes> CollectAsync(HttpRequest request, ByteBudget.Share share, int maxBytes, int jsonLength)
    {
        var announced = request.ContentLength;
        if (announced > maxBytes)
            throw TooLarge(maxBytes);
        if (announced == 0)
            return PooledBytes.Rent(0);
        var most = (int)(announced ?? maxBytes);
        var pipe = request.BodyReader;
        PooledBytes? body = null;
        var used = 0;
        try
        {
            while (true)
            {
                var read = await NextAsync(pipe, share, request.HttpContext.RequestAborted);
                try
                {
                    if (read.IsCanceled)
                    {
                        // The thread that ended it holds locks, and an answer is written from here.
                        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                        throw (Exception?)share.Ended ?? new OperationCanceledException("The read was cancelled.");
                    }

                    if (used + read.Buffer.Length > maxBytes)
                        throw TooLarge(maxBytes);
                    var needed = used + (int)read.Buffer.Length;
                    if (body is null || needed > body.Length)
                    {
                        var room = read.IsCompleted ? needed : Within((long)Ahead * needed);
                        if (!share.TryResize(room))
                        {
                            room = Within(needed + (needed / 4L));
                            share.Resize(room);
                        }

                        int Within(long wanted) => (int)Math.Max(Math.Min(most, Math.Max(FirstBlock, wanted)), needed);
                        if (body is null)
                            body = PooledBytes.Rent(room, jsonLength);
                        else
                            body.Resize(room);
                    }

                    foreach (var block in read.Buffer)
                    {
                        block.Span.CopyTo(body.Span[used..]);
                        used += block.Length;
                    }
                }
                finally
                {
                    // The server drains the rest itself and must find the reader free.
                    pipe.AdvanceTo(read.Buffer.End);
                }

                if (!read.IsCompleted)
                    continue;
                body.Resize(used);
                share.Resize(used);
                return body;
            }
        }
        catch (Exception e)
        {
            body?.Dispose();
            // What is still to come is not wanted, and its end may not even be known.
            if (e is ApiFaultException { Status: not 413 } fault)
                fault.EndsConnection = true;
            throw;
        }
        finally
        {
            share.EndUpload();
        }
    }

    private static async ValueTask<ReadResult> NextAsync(PipeReader pipe, ByteBudget.Share share, CancellationToken cancellationToken)
    {
        try
        {
            var reading = pipe.ReadAsync(cancellationToken);
            if (!reading.IsCompleted)
                share.BeginUpload(pipe);
            return await reading;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            throw new ApiFaultException(408, "too_slow", "The body arrived more slowly than the least rate that an upload must keep. Send it faster or in smaller parts.");
        }
        catch (IOException e) when (e is not (BadHttpRequestException or ConnectionResetException))
        {
            throw ApiFaultException.Bad("The body's framing is broken: a chunk's size cannot be read.");
        }
    }

    private static ApiFaultException TooLarge(int maxBytes) =>
        ApiFaultException.TooLarge($"The body is larger than the {maxBytes} bytes that are taken.");
}
