using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Http;

/// <summary>Compression of a request body.</summary>
internal sealed class ContentCoding
{
    /// <summary>Largest ratio of unpacked to packed bytes: deflate packs zeros a thousandfold, real tensors and JSON less than a
    /// hundredfold.</summary>
    private const int MostRatio = 200;

    /// <summary>Unpacked size up to which a body may have any ratio, bytes.</summary>
    private const int FreeBytes = 1 << 20;

    private const string Taken = "gzip, deflate, br";
    private static readonly ContentCoding Gzip = new("gzip", static s => new GZipStream(s, CompressionMode.Decompress));
    private static readonly ContentCoding Deflate = new("deflate", Inflate);
    private static readonly ContentCoding Brotli = new("br", static s => new BrotliStream(s, CompressionMode.Decompress));
    private readonly string _name;
    private readonly Func<Source, Stream> _open;

    private ContentCoding(string name, Func<Source, Stream> open) => (_name, _open) = (name, open);

    /// <summary>Returns the compression of a body; null = not compressed.</summary>
    /// <exception cref="ApiFaultException">415: the compression is not supported; the answer's <c>Accept-Encoding</c> lists the supported
    /// ones.</exception>
    public static ContentCoding? Of(HttpRequest request)
    {
        var header = request.Headers.ContentEncoding;
        if (header.Count == 0)
            return null;
        var text = header.ToString().Trim();
        if (text.Length == 0 || Is("identity"))
            return null;
        if (Is("gzip") || Is("x-gzip"))
            return Gzip;
        if (Is("deflate"))
            return Deflate;
        if (Is("br"))
            return Brotli;
        request.HttpContext.Response.Headers.AcceptEncoding = Taken;
        throw ApiFaultException.UnsupportedMedia(
            $"Content-Encoding '{(text.Length <= 64 ? text : text[..64] + "…")}' is not taken. Send the body as it is or packed once, by one of {Taken}.");

        bool Is(string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Unpacks the whole body. The caller owns both.</summary>
    /// <exception cref="ApiFaultException">400: the body is not of this compression; 413: it unpacks to too much; 429: there is no
    /// room.</exception>
    public PooledBytes Unpack(PooledBytes packed, ByteBudget.Share share, int maxBytes, int jsonLength)
    {
        var most = (int)Math.Min(maxBytes, Math.Max(FreeBytes, (long)MostRatio * packed.Length));
        var room = (int)Math.Min(most, Math.Max(BodyReader.FirstBlock, 4L * packed.Length));
        share.Resize(packed.Length + (long)room);
        var body = PooledBytes.Rent(room, jsonLength);
        try
        {
            MemoryMarshal.TryGetArray<byte>(packed.Memory, out var array);
            var source = new Source(array);
            using var unpacking = _open(source);
            var used = 0;
            while (true)
            {
                if (used == body.Length)
                {
                    if (unpacking.ReadByte() is var next && next < 0)
                        break;
                    if (used == most)
                        throw TooLarge(packed.Length, most, maxBytes);
                    room = (int)Math.Min(most, 2L * body.Length);
                    share.Resize(packed.Length + (long)room);
                    body.Resize(room);
                    body.Span[used++] = (byte)next;
                    continue;
                }

                var read = unpacking.Read(body.Span[used..]);
                if (read == 0)
                    break;
                used += read;
            }

            // The framework takes a stream that is cut for its end.
            if (IsCut(packed.Memory.Span, source, used))
                throw new InvalidDataException();
            body.Resize(used);
            share.Resize(used);
            return body;
        }
        catch (Exception e)
        {
            body.Dispose();
            if (e is InvalidDataException or InvalidOperationException)
                throw ApiFaultException.Bad($"Content-Encoding is {_name}, but the body is not sound {_name}.");
            throw;
        }
    }

    /// <summary>Tests whether the body was truncated: gzip ends with its unpacked size; for the others the source was asked for more than
    /// it has.</summary>
    private bool IsCut(ReadOnlySpan<byte> packed, Source source, int unpacked) =>
        this == Gzip ? packed.Length < 18 || BinaryPrimitives.ReadUInt32LittleEndian(packed[^4..]) != (uint)unpacked
        : source.IsExhausted;

    private static ApiFaultException TooLarge(int packed, int most, int maxBytes) => ApiFaultException.TooLarge(
        most == maxBytes
            ? $"The body unpacks to more than the {maxBytes} bytes that are taken."
            : $"The body's {packed} bytes unpack to more than {MostRatio} times as many. Send it as it is.");

    /// <summary>Opens a deflate stream. The standard has a zlib header; some clients leave it out.</summary>
    private static Stream Inflate(Source packed)
    {
        var (first, second) = (packed.ReadByte(), packed.ReadByte());
        packed.Position = 0;
        packed.IsExhausted = false;
        var hasHeader = (first & 0x0f) == 8 && second >= 0 && ((first << 8) | second) % 31 == 0;
        return hasHeader ? new ZLibStream(packed, CompressionMode.Decompress) : new DeflateStream(packed, CompressionMode.Decompress);
    }

    /// <summary>Packed bytes; records whether more was asked for than there is.</summary>
    private sealed class Source(ArraySegment<byte> bytes) : MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
    {
        public bool IsExhausted { get; set; }

        public override int Read(Span<byte> buffer) => Note(base.Read(buffer));

        public override int Read(byte[] buffer, int offset, int count) => Note(base.Read(buffer, offset, count));

        private int Note(int read)
        {
            IsExhausted |= read == 0;
            return read;
        }
    }
}
