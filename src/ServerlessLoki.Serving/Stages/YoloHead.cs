namespace ServerlessLoki.Serving.Stages;

/// <summary>Binding of decoders to raw YOLO heads: for each place the numbers of a box, then a score for each class.</summary>
internal static class YoloHead
{
    /// <param name="fit">Outputs of the model.</param>
    /// <param name="decoder">Name of the decoder, for errors.</param>
    /// <param name="layout">Shape that the decoder reads, for errors.</param>
    /// <param name="axis">Axis of a place's numbers, one of three.</param>
    /// <param name="box">Number of a place's values before its class scores.</param>
    /// <param name="reader">Makes the reader of an output with a given number of classes.</param>
    public static DecoderBinding Bind(OutputFit fit, string decoder, string layout, int axis, int box, Func<int, int, IDetectionReader> reader)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (ExportedTask.Fault(fit) is { } other)
            return DecoderBinding.Refused($"decoder {decoder}: {other}");
        var tensor = fit.Tensor;
        if (!OutputFit.IsReal(tensor) || tensor.Shape.Length != 3 || tensor.Shape[axis] <= box)
            return DecoderBinding.Refused($"output {tensor}: for decoder {decoder} it must be FP32 or FP16 {layout}, the number of classes fixed");
        var classes = (int)tensor.Shape[axis] - box;
        return fit.LabelFault(tensor, classes) is { } fault
            ? DecoderBinding.Refused($"decoder {decoder}: {fault}") : DecoderBinding.By(reader(tensor.Index, classes), DetectionDefaults.Head, classes);
    }
}
