using System.Buffers.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Reader of a query's WAV file. Before admission its header is checked, and its unpacked size is charged.</summary>
internal static class SoundQuery
{
    /// <summary>Reads a body that is the file.</summary>
    /// <exception cref="ApiFaultException">400, 413 or 415; 429 where there is no room.</exception>
    public static PipelineCall OfBody(Pipeline pipeline, PooledBytes body, InferHeaders headers)
    {
        using (body)
        {
            if (pipeline.MaxSoundSeconds is null)
                throw ApiFaultException.UnsupportedMedia($"Pipeline '{pipeline.Name}' takes {PipelineTensors.Describe(pipeline.Input)}, not a sound.");
            var unpacked = Unpacked(pipeline, body.Span, "");
            var size = TensorPack.ElementSize(pipeline.Input.Name, body.Length);
            var held = size + unpacked;
            body.Share?.Grow(held);
            var packed = PooledBytes.Rent(size);
            TensorPack.WriteElement(pipeline.Input.Name, body.Span, packed.Span);
            return PipelineQuery.Plain(new TensorInput(packed, size, isPacked: true), held, headers, binary: false) with { Most = body.Length + held };
        }
    }

    /// <summary>Reads the single element of a BYTES tensor: the file, or its Base64 text, since JSON cannot hold it otherwise.</summary>
    /// <exception cref="ApiFaultException">400 or 413; 429 where there is no room.</exception>
    public static TensorInput OfElement(Pipeline pipeline, InferRequest request, InferTensor tensor, out long held)
    {
        var bytes = tensor.Bytes;
        if (!WavHeader.IsWav(bytes.Span[sizeof(uint)..]) && Base64.IsValid(bytes.Span[sizeof(uint)..], out var length))
        {
            var decoded = request.Memory.Rent(sizeof(uint) + length);
            BitConverter.TryWriteBytes(decoded.Span, length);
            Base64.DecodeFromUtf8(bytes.Span[sizeof(uint)..], decoded.Span[sizeof(uint)..], out _, out _);
            bytes = decoded.Memory;
        }

        var unpacked = Unpacked(pipeline, bytes.Span[sizeof(uint)..], "$.inputs[0].data: ");
        request.Memory.Charge(unpacked);
        var packed = PipelineTensors.Pack(request, [tensor with { Bytes = bytes }]);
        var input = new TensorInput(request.Memory.Detach(packed, out held), packed.Length, isPacked: true);
        held += unpacked;
        return input;
    }

    private static long Unpacked(Pipeline pipeline, ReadOnlySpan<byte> file, string where)
    {
        try
        {
            var header = WavHeader.Read(file);
            if (pipeline.Sounds.Any(s => SoundLength.IsTooLong(s, header)))
                throw ApiFaultException.TooLarge($"{where}The sound has {header.Seconds:0.###} s; pipeline '{pipeline.Name}' takes at most {pipeline.MaxSoundSeconds:0.###} s.");
            return pipeline.Sounds.Max(s => SoundLength.Bytes(s, header));
        }
        catch (SoundFormatException exception)
        {
            throw ApiFaultException.Bad(where + exception.Message);
        }
    }
}
