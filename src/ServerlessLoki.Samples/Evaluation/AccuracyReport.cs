using System.Text.Json;

namespace ServerlessLoki.Samples.Evaluation;

/// <summary>Measurements of <c>loki sample evaluate</c>, and the content of <c>accuracy.json</c>.</summary>
public sealed record AccuracyReport
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Command that reproduces these figures.</summary>
    public required string Command { get; init; }

    /// <summary>Definition of each figure.</summary>
    public required string Rules { get; init; }

    /// <summary>Number of scenes measured.</summary>
    public required int Scenes { get; init; }

    /// <summary>Seed of the first scene; the others follow.</summary>
    public required ulong FirstSeed { get; init; }

    /// <summary>Number of vehicles in these scenes.</summary>
    public required int Vehicles { get; init; }

    /// <summary>Number of people in these scenes.</summary>
    public required int Persons { get; init; }

    /// <summary>Accuracy of every detector, smallest first.</summary>
    public required IReadOnlyList<DetectorAccuracy> Detectors { get; init; }

    /// <summary>Accuracy of every classifier, in the pipeline file's order.</summary>
    public required IReadOnlyList<ClassifierAccuracy> Classifiers { get; init; }

    /// <summary>Accuracy of every choice of one variant per task.</summary>
    public required IReadOnlyList<PathAccuracy> Paths { get; init; }

    /// <summary>Returns a variant's figure: mAP@0.5 of a detector, top-1 of a classifier; null if it was not measured.</summary>
    public double? Of(string variant) =>
        Detectors.FirstOrDefault(d => d.Name == variant)?.MeanAp50 ?? Classifiers.FirstOrDefault(c => c.Name == variant)?.Top1;

    /// <summary>Reads a document of <see cref="ToJson"/>.</summary>
    /// <exception cref="JsonException">The text is not such a document.</exception>
    public static AccuracyReport FromJson(string json) =>
        JsonSerializer.Deserialize<AccuracyReport>(json, s_json) ?? throw new JsonException("The document is null.");

    /// <summary>Writes one indented JSON document.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json) + "\n";
}
