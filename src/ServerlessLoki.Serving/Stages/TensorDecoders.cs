using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Lookup of a task's tensor decoder: the one that the file names, or the one of its kind.</summary>
internal static class TensorDecoders
{
    public static TensorBinding Bind(OutputFit fit, DecoderRegistry registry)
    {
        var (kind, name) = (fit.Expected.Kind, NameOf(fit));
        var ofKind = registry.Tensors.Where(d => d.Kind == kind).ToList();
        return ofKind.Find(d => d.Name == name) is { } decoder ? decoder.Bind(fit)
            : TensorBinding.Refused($"there is no decoder '{name}' of this kind; there are {string.Join(", ", ofKind.Select(static d => d.Name))}");
    }

    private static string NameOf(OutputFit fit) => fit.Expected.Kind switch
    {
        TaskOutputKind.Embedding => fit.Expected.Embedding.Decoder ?? PoolDecoder.Pool,
        TaskOutputKind.Answer => fit.Expected.Answer.Decoder ?? SpanDecoder.Span,
        TaskOutputKind.Segmentation => MaskDecoder.Mask,
        _ => fit.Expected.Text.Decoder ?? (MadeTensors.IsIds(fit.Tensor.Datatype) ? TokenIdsDecoder.Ids : CtcDecoder.Ctc),
    };
}
