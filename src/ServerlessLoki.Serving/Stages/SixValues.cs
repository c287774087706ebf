namespace ServerlessLoki.Serving.Stages;

/// <summary>Reader of rows of a box, its score and its class: <c>[N, K, 6]</c>.</summary>
internal sealed class SixValues(int output) : IDetectionReader
{
    public const int Width = 6;

    public static DecoderBinding Bind(OutputFit fit, DetectionDefaults defaults)
    {
        var tensor = fit.Tensor;
        return OutputFit.IsReal(tensor) && tensor.Shape.Length is 2 or 3 && tensor.Shape[^1] == Width
            ? DecoderBinding.By(new SixValues(tensor.Index), defaults)
            : DecoderBinding.Refused($"output {tensor}: rows of detections must be FP32 or FP16 [N, K, 6]");
    }

    public bool TryRead(IOutputValues outputs, DetectionList found)
    {
        for (var row = outputs.Of(output); row.Length >= Width; row = row[Width..])
        {
            if (!found.TryAdd(row[4], row[5], row[0], row[1], row[2], row[3]))
                return false;
        }

        return true;
    }
}
