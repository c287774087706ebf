using System.Globalization;
using System.Text;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Cli.Load;

/// <summary>One body, encoded once and sent many times.</summary>
/// <param name="Bytes">As they go over the wire.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="JsonLength">Value of <c>Inference-Header-Content-Length</c>; null = no such header.</param>
internal sealed record QueryBody(byte[] Bytes, string ContentType, int? JsonLength)
{
    /// <summary>A picture file as it is.</summary>
    public static QueryBody Picture(byte[] file) => new(file, PictureFormats.Find(file)?.MediaType() ?? "application/octet-stream", null);

    /// <summary>One tensor in the binary form of the Open Inference Protocol.</summary>
    public static QueryBody Tensor(string name, string datatype, IReadOnlyList<long> shape, ReadOnlySpan<byte> data)
    {
        var header = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"inputs":[{"name":"{{{name}}}","shape":[{{{string.Join(',', shape)}}}],"datatype":"{{{datatype}}}","parameters":{"binary_data_size":{{{data.Length}}}}}]}"""));
        var bytes = new byte[header.Length + data.Length];
        header.CopyTo(bytes, 0);
        data.CopyTo(bytes.AsSpan(header.Length));
        return new QueryBody(bytes, "application/octet-stream", header.Length);
    }
}
