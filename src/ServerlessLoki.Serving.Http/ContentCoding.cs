using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Http;

/// <summary>A compression that a body may come in.</summary>
internal sealed class ContentCoding
{
    /// <summary>Deflate packs zeros a thousandfold; tensors and JSON that mean something pack less than a hundredfold.</summary>
    private const int MostRatio = 200;

    /// <summary>Small bodies may unpack to this whatever their ratio is.</summary>
    private const int FreeBytes = 1 << 20;

    private const string Taken = "gzip, deflate, br";
    private static readonly ContentCoding Gzip = new("gzip", static s => new GZipStream(s, CompressionMode.Decompress));
    private static readonly ContentCoding Deflate = new("deflate", Inflate);
    private static readonly ContentCoding Brotli = new("br", static s => new BrotliStream(s, CompressionMode.Decompress));
    private readonly string _name;
    private readonly Func<Source, Stream> _open;

    private ContentCoding(string name, Func<Source, Stream> open) => (_name, _open) = (name, open);

    /// <summary>What the body is packed with; null = not packed.</summary>
    /// <exception cref="ApiFaultException">415: it is not taken; the answer's <c>Accept-Encoding</c> says what is.</exception>
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

    /// <summary>Unpacks all of it. The caller owns both.</summary>
    /// <exception cref="ApiFaultException">400: it is not of this compression; 413: it unpacks to too much; 429: there is no room.</exception>
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

    /// <summary>gzip ends with its unpacked size; the source of the others is not asked for more once it has ended.</summary>
    private bool IsCut(ReadOnlySpan<byte> packed, Source source, int unpacked) =>
        this == Gzip ? packed.Length < 18 || BinaryPrimitives.ReadUInt32LittleEndian(packed[^4..]) != (uint)unpacked
        : source.IsExhausted;

    private static ApiFaultException TooLarge(int packed, int most, int maxBytes) => ApiFaultException.TooLarge(
        most == maxBytes
            ? $"The body unpacks to more than the {maxBytes} bytes that are taken."
            : $"The body's {packed} bytes unpack to more than {MostRatio} times as many. Send it as it is.");

    /// <summary>The standard's deflate has a zlib header; some clients leave it out.</summary>
    private static Stream Inflate(Source packed)
    {
        var (first, second) = (packed.ReadByte(), packed.ReadByte());
        packed.Position = 0;
        packed.IsExhausted = false;
        var hasHeader = (first & 0x0f) == 8 && second >= 0 && ((first << 8) | second) % 31 == 0;
        return hasHeader ? new ZLibStream(packed, CompressionMode.Decompress) : new DeflateStream(packed, CompressionMode.Decompress);
    }

    /// <summary>The packed bytes; knows whether more was asked for than is there.</summary>
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
