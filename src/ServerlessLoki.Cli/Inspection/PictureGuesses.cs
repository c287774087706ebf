using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Guesses for a model of images, the likeliest first: detector, classifier, encoder, anything else.</summary>
internal static class PictureGuesses
{
    private const int CocoClasses = 80;
    private const string Exporter = "metadata of Ultralytics' exporter";

    // Rows and columns that one place of a YOLO head stands for.
    private static readonly int[] s_strides = [8, 16, 32];

    /// <summary>Lists the guesses; empty where the model takes no images.</summary>
    public static IEnumerable<Guess> Of(ModelFacts facts)
    {
        if (facts.Picture is not { IsFixed: true } shape)
            yield break;
        if (Detector(facts, shape) is { } detector)
            yield return detector;
        var vector = facts.Outputs.FirstOrDefault(o => facts.RowOf(o) is not null);
        if (vector is not null && facts.UltralyticsTask is null or "classify")
            yield return IsVector(facts, vector) ? Encoder(facts, shape, vector) : Classifier(facts, shape, vector);
        yield return Other(facts, shape);
    }

    /// <summary>Returns the limit of an input whose size is open, so that images cannot become it.</summary>
    public static Limit? OpenSize(ModelFacts facts)
    {
        if (facts.Picture is not { IsFixed: false } shape)
            return null;
        var side = PictureForm.Side(facts) ?? (facts.Outputs.Any(o => facts.RowOf(o) is not null) ? 224 : 640);
        var file = Path.GetFileName(facts.Path);
        return new Limit(
            $"input {facts.Inputs[0]} looks like a picture of open size: pictures become inputs of fixed height and width",
            facts.UltralyticsTask is not null ? $"export it with a size: yolo export model=… format=onnx dynamic=False imgsz={side}"
                : $"fix the size: python -m onnxruntime.tools.make_dynamic_shape_fixed --input_name {facts.Inputs[0].Name} --input_shape {shape.Fixed(side)} {file} fixed-{file}");
    }

    private static Guess? Detector(ModelFacts facts, PictureShape shape)
    {
        var output = new JsonObject { ["kind"] = "detections" };
        if (facts.UltralyticsTask is { } task)
        {
            // A detector with more than boxes is named by its decoder: the shape alone looks like one of more classes.
            if (task is "segment" or "pose" or "obb")
                output["decoder"] = task == "segment" ? "yolo-seg" : $"yolo-{task}";
            return task is not ("detect" or "segment" or "pose" or "obb") ? null : new Guess("object detector", "detect", [$"{Exporter}: {(task == "detect" ? "a detector" : $"a detector, task {task}")}"], Guess.Picture)
            {
                Input = PictureForm.Kind("letterbox"), Output = output,
            };
        }

        if (facts.Architecture.EndsWith("ForObjectDetection", StringComparison.Ordinal))
        {
            var (input, assumed) = PictureForm.Of(facts, shape, null);
            return new Guess("object detector", "detect", [$"config.json: {facts.Architecture}"], Guess.Picture)
            {
                Input = input, Output = output, Assumed = [.. new[] { assumed }.OfType<string>()], Limits = Unnamed(output, facts),
            };
        }

        if (ByShape(facts, shape) is not { } found)
            return null;
        var isHead = found.Decoder is not null;
        if (isHead)
            output["decoder"] = found.Decoder;
        return new Guess("object detector", "detect", [found.Because], Guess.Picture)
        {
            Input = PictureForm.Kind(isHead ? "letterbox" : null),
            Output = output,
            Assumed = isHead
                ? ["pictures are fitted with borders (letterbox), RGB, 0..1"]
                : ["pictures are stretched to the model's size, RGB, 0..1: set \"input\" as in training", "boxes are 0..1 unless the decoder says otherwise: set \"normalised\": false for pixels of the model's input, and \"boxes\" for another form"],
            Limits = Unnamed(output, facts),
        };
    }

    private static (string? Decoder, string Because)? ByShape(ModelFacts facts, PictureShape shape)
    {
        var places = Places(shape);
        if (facts.Outputs is [{ Shape: [_, var first, var last] } only])
        {
            // Models of one class have five or six values of a place: the number of places tells them from finished rows.
            if (first > 4 && (last == places || (first == CocoClasses + 4 && last > first)))
                return ("yolo", $"output {only}: a YOLO head, {last} places of {first - 4} classes");
            if (last > 5 && (first == 3 * places || (last == CocoClasses + 5 && first > last && first != places)))
                return ("yolo-objectness", $"output {only}: a YOLO head with objectness, {first} places of {last - 5} classes");
            if (last == 6)
                return (null, $"output {only}: rows of box, score and class");
        }

        return facts.Outputs.Length > 1
            && facts.Outputs.FirstOrDefault(static o => ModelFacts.IsNamed(o, "box", "loc")) is { } boxes
            && facts.Outputs.FirstOrDefault(o => o != boxes && ModelFacts.IsNamed(o, "score", "logit", "conf", "label", "class")) is { } scores
            ? (null, $"outputs '{boxes.Name}' and '{scores.Name}'") : null;
    }

    private static long Places(PictureShape shape) => s_strides.Sum(s => shape.Height / s * (shape.Width / s));

    private static Guess Classifier(ModelFacts facts, PictureShape shape, ModelTensor output)
    {
        var classes = facts.RowOf(output)!.Value;
        var (input, assumed) = PictureForm.Of(facts, shape, classes);
        var (said, scores) = Scores.Of(facts, output, classes);
        var limit = Labels.Add(said, facts, classes);
        return new Guess(
            "picture classifier", "classify", [facts.UltralyticsTask is not null ? $"{Exporter}: a classifier" : $"a picture in, output {output} of {classes} classes"], Guess.Picture)
        {
            Input = input, Output = said, Assumed = [.. new[] { assumed, scores }.OfType<string>()], Limits = [.. new[] { limit }.OfType<Limit>()],
        };
    }

    private static Guess Encoder(ModelFacts facts, PictureShape shape, ModelTensor output)
    {
        var (input, assumed) = PictureForm.Of(facts, shape, null);
        return new Guess("picture encoder", "embed", [$"a picture in, output {output} is a vector by its name or by config.json"], Guess.Picture)
        {
            Input = input, Output = Vectors.Of(facts, output), Assumed = [.. new[] { assumed }.OfType<string>()],
        };
    }

    private static Guess Other(ModelFacts facts, PictureShape shape)
    {
        var (input, assumed) = facts.UltralyticsTask is null ? PictureForm.Of(facts, shape, null) : (PictureForm.Kind("letterbox"), null);
        ImmutableArray<Limit> limits = facts.UltralyticsTask switch
        {
            null when facts.Outputs is [{ Shape: [_, var first, > 5] } only] && first == Places(shape) =>
                [new Limit($"output {only} looks like a YOLOX head, whose boxes are left undecoded", "export it with --decode_in_inference, and say \"output\": {\"kind\": \"detections\", \"decoder\": \"yolo-objectness\"}")],
            _ => [],
        };
        return new Guess("picture model", "run", ["a picture in, raw tensors out"], Guess.Picture)
        {
            Input = input, Assumed = [.. new[] { assumed }.OfType<string>()], Limits = limits,
        };
    }

    private static bool IsVector(ModelFacts facts, ModelTensor output) => ModelFacts.IsNamed(output, "embed", "pooler", "feature")
        || (facts.Architecture.EndsWith("Model", StringComparison.Ordinal) && !ModelFacts.IsNamed(output, "logit"));

    private static ImmutableArray<Limit> Unnamed(JsonObject output, ModelFacts facts) => Labels.Add(output, facts, null) is { } limit ? [limit] : [];
}
