using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoders that pipeline files may name. Immutable and thread-safe.</summary>
public sealed class DecoderRegistry
{
    private readonly ImmutableSortedDictionary<string, IOutputDecoder> _byName;

    /// <summary>Takes decoders; see <see cref="IOutputDecoder"/> for how to add one.</summary>
    /// <exception cref="ArgumentException">Two have the same name.</exception>
    public DecoderRegistry(IEnumerable<IOutputDecoder> decoders)
    {
        ArgumentNullException.ThrowIfNull(decoders);
        var byName = ImmutableSortedDictionary.CreateBuilder<string, IOutputDecoder>(StringComparer.Ordinal);
        foreach (var decoder in decoders)
        {
            if (!byName.TryAdd(decoder.Name, decoder))
                throw new ArgumentException($"Two decoders are named '{decoder.Name}'.", nameof(decoders));
        }

        _byName = byName.ToImmutable();
    }

    /// <summary><c>rows</c>, <c>yolo</c>, <c>yolo-objectness</c>, <c>yolo-end-to-end</c>, <c>ssd</c>, <c>detr</c>,
    /// <c>yolo-pose</c>, <c>yolo-seg</c>, <c>yolo-obb</c>, <c>db</c>, <c>anchors</c>, <c>yunet</c>.</summary>
    public static ImmutableArray<IOutputDecoder> BuiltIn { get; } =
        [new RowsDecoder(), new YoloDecoder(), new YoloObjectnessDecoder(), new YoloEndToEndDecoder(), new SsdDecoder(), new DetrDecoder(), new YoloPoseDecoder(), new YoloSegDecoder(), new YoloObbDecoder(), new DbDecoder(), new AnchorDecoder(), new YunetDecoder()];

    /// <summary>Of vectors, texts, answers and masks: <c>pool</c>, <c>ctc</c>, <c>ids</c>, <c>span</c>, <c>mask</c>.</summary>
    public static ImmutableArray<ITensorDecoder> BuiltInTensors { get; } = [new PoolDecoder(), new CtcDecoder(), new TokenIdsDecoder(), new SpanDecoder(), new MaskDecoder()];

    /// <summary>The decoders of vectors, texts, answers and masks.</summary>
    public ImmutableArray<ITensorDecoder> Tensors { get; init; } = BuiltInTensors;

    /// <summary>Registry of the built-in decoders.</summary>
    public static DecoderRegistry Default { get; } = new(BuiltIn);

    /// <summary>Names of the decoders of detections, sorted.</summary>
    public IEnumerable<string> Names => _byName.Keys;

    /// <summary>Binds the decoder of a model's detections: the one that the file names, or the one that the shapes imply.</summary>
    internal DecoderBinding Bind(OutputFit fit)
    {
        if (fit.Expected.Detections.Decoder is not { } name)
            return DecoderChoice.Bind(fit);
        if (!_byName.TryGetValue(name, out var decoder))
            return DecoderBinding.Refused($"there is no decoder '{name}'; there are {string.Join(", ", Names)}");
        foreach (var (role, output) in fit.Expected.Detections.Tensors)
        {
            if (!decoder.Roles.Contains(role, StringComparer.Ordinal))
                return DecoderBinding.Refused($"decoder '{name}' reads no output as '{role}'; it reads {(decoder.Roles.IsEmpty ? "one, which \"tensor\" names" : string.Join(", ", decoder.Roles))}");
            if (!fit.Outputs.Any(o => o.Name == output))
                return DecoderBinding.Refused($"it has no output '{output}'; it has {string.Join(", ", fit.Outputs)}");
        }

        return decoder.Roles.IsEmpty || fit.Expected.Tensor is null ? decoder.Bind(fit)
            : DecoderBinding.Refused($"decoder '{name}' reads several outputs: name them by \"tensors\" ({string.Join(", ", decoder.Roles)}) instead of \"tensor\"");
    }
}
