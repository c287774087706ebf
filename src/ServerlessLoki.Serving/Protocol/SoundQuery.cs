using System.Buffers.Text;
using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Reader of a request's WAV files: a row for each, or for each of its windows. Before admission their headers are checked, and their
/// unpacked size is charged.</summary>
/// <param name="pipeline">Pipeline that takes sounds.</param>
/// <param name="limits">Limits of requests.</param>
/// <param name="charge">Charges memory that is about to be allocated.</param>
internal sealed class SoundQuery(Pipeline pipeline, InferLimits limits, Action<long> charge)
{
    private readonly ImmutableArray<QueryInput>.Builder _inputs = ImmutableArray.CreateBuilder<QueryInput>();

    /// <summary>Bytes that the inputs hold, unpacked sounds included.</summary>
    public long Held { get; private set; }

    /// <summary>The inputs, in the order of files and windows; owned by the caller.</summary>
    public ImmutableArray<QueryInput> Inputs => _inputs.ToImmutable();

    /// <summary>Reads a body that is one file.</summary>
    /// <exception cref="ApiFaultException">400, 413 or 415; 429 where there is no room.</exception>
    public static PipelineCall OfBody(Pipeline pipeline, PooledBytes body, InferHeaders headers, InferLimits limits)
    {
        using (body)
        {
            if (pipeline.MaxSoundSeconds is null)
                throw ApiFaultException.UnsupportedMedia($"Pipeline '{pipeline.Name}' takes {PipelineTensors.Describe(pipeline.Input)}, not a sound.");
            var sounds = new SoundQuery(pipeline, limits, bytes => body.Share?.Grow(bytes));
            sounds.Add(body.Span, "");
            var inputs = sounds.Inputs;
            return PipelineQuery.Plain(inputs[0], sounds.Held, headers, binary: false) with { Others = inputs[1..], Most = body.Length + sounds.Held };
        }
    }

    /// <summary>Reads a BYTES tensor of files, or of their Base64 texts, since JSON cannot hold them otherwise.</summary>
    /// <exception cref="ApiFaultException">400 or 413; 429 where there is no room.</exception>
    public static ImmutableArray<QueryInput> OfElements(Pipeline pipeline, InferRequest request, InferTensor tensor, InferLimits limits, out long held)
    {
        var sounds = new SoundQuery(pipeline, limits, request.Memory.Charge);
        var row = 0;
        try
        {
            foreach (var element in TextElements.Of(tensor.Bytes))
            {
                var file = element.Span;
                if (!WavHeader.IsWav(file) && Base64.IsValid(file, out var length))
                {
                    var decoded = request.Memory.Rent(length);
                    Base64.DecodeFromUtf8(file, decoded.Span, out _, out _);
                    file = decoded.Span;
                }

                sounds.Add(file, row == 0 ? "$.inputs[0].data: " : $"$.inputs[0].data[{row}]: ");
                row++;
            }
        }
        catch
        {
            sounds.DisposeInputs();
            throw;
        }

        held = sounds.Held;
        return sounds.Inputs;
    }

    /// <summary>Adds a file. Where it throws, the inputs so far are freed.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="where">Place of the file, for errors.</param>
    /// <exception cref="ApiFaultException">400 or 413; 429 where there is no room.</exception>
    public void Add(ReadOnlySpan<byte> file, string where)
    {
        try
        {
            var header = HeaderOf(file, where);
            foreach (var window in SoundWindows.Of(header, pipeline.Sounds[0]))
            {
                if (_inputs.Count == limits.MaxRows)
                    throw ApiFaultException.TooLarge($"{where}The sounds have more than {limits.MaxRows} windows, which a request may bring. Send shorter ones.");
                Add(file, header, window);
            }
        }
        catch
        {
            DisposeInputs();
            throw;
        }
    }

    private void DisposeInputs()
    {
        foreach (var input in _inputs)
            input.Dispose();
        _inputs.Clear();
    }

    private void Add(ReadOnlySpan<byte> file, WavHeader header, (int Start, int Frames) window)
    {
        var isWhole = window.Frames == header.Frames;
        var bytes = isWhole ? file.Length : SoundWindows.Bytes(header, window.Frames);
        var size = TensorPack.ElementSize(pipeline.Input.Name, bytes);
        var held = size + pipeline.Sounds.Max(s => SoundLength.Bytes(s, header with { Frames = window.Frames }));
        charge(held);
        Held += held;
        var packed = PooledBytes.Rent(size);
        if (isWhole)
        {
            TensorPack.WriteElement(pipeline.Input.Name, file, packed.Span);
        }
        else
        {
            using var cut = PooledBytes.Rent(bytes);
            SoundWindows.Write(file, header, window, cut.Span);
            TensorPack.WriteElement(pipeline.Input.Name, cut.Span, packed.Span);
        }

        _inputs.Add(new TensorInput(packed, size, isPacked: true));
    }

    private WavHeader HeaderOf(ReadOnlySpan<byte> file, string where)
    {
        try
        {
            var header = WavHeader.Read(file);
            return pipeline.Sounds.Any(s => SoundLength.IsTooLong(s, header))
                ? throw ApiFaultException.TooLarge($"{where}The sound has {header.Seconds:0.###} s; pipeline '{pipeline.Name}' takes at most {pipeline.MaxSoundSeconds:0.###} s.")
                : header;
        }
        catch (SoundFormatException exception)
        {
            throw ApiFaultException.Bad(where + exception.Message);
        }
    }
}
