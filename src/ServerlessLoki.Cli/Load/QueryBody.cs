using System.Globalization;
using System.Text;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Cli.Load;

/// <summary>Request body, encoded once and sent many times.</summary>
/// <param name="Bytes">Bytes of the body.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="JsonLength">Value of <c>Inference-Header-Content-Length</c>; null = no such header.</param>
internal sealed record QueryBody(byte[] Bytes, string ContentType, int? JsonLength)
{
    /// <summary>Makes a body of an image file.</summary>
    public static QueryBody Picture(byte[] file) => new(file, PictureFormats.Find(file)?.MediaType() ?? "application/octet-stream", null);

    /// <summary>Makes a body of a WAV file.</summary>
    public static QueryBody Sound(byte[] file) => new(file, WavHeader.MediaType, null);

    /// <summary>Makes a body of tensors in the binary form of the Open Inference Protocol.</summary>
    /// <param name="tensors">Tensors to send; at least one.</param>
    /// <param name="wantsBinary">True for a binary answer too.</param>
    public static QueryBody Tensors(IReadOnlyList<TensorData> tensors, bool wantsBinary)
    {
        var inputs = string.Join(',', tensors.Select(static t => string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"name":"{{{t.Name}}}","shape":[{{{string.Join(',', t.Shape)}}}],"datatype":"{{{t.Datatype}}}","parameters":{"binary_data_size":{{{t.Bytes.Length}}}}}""")));
        var header = Encoding.UTF8.GetBytes($$"""{{{(wantsBinary ? "\"parameters\":{\"binary_data_output\":true}," : "")}}"inputs":[{{inputs}}]}""");
        var bytes = new byte[header.Length + tensors.Sum(static t => t.Bytes.Length)];
        header.CopyTo(bytes, 0);
        var at = header.Length;
        foreach (var tensor in tensors)
        {
            tensor.Bytes.CopyTo(bytes, at);
            at += tensor.Bytes.Length;
        }

        return new QueryBody(bytes, "application/octet-stream", header.Length);
    }
}
