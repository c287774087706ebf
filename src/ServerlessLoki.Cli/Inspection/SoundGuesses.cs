using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Guesses for a model of sounds, the likeliest first: classifier, encoder, anything else.</summary>
internal static class SoundGuesses
{
    private const int FewestBands = 16;

    /// <summary>Lists the guesses; empty where the model takes no sounds.</summary>
    public static IEnumerable<Guess> Of(ModelFacts facts)
    {
        if (facts.Inputs is not [{ Datatype: "FP32", Shape.Length: 2 or 3 } sound] || !facts.HasBatch || !IsSound(facts, sound))
            yield break;
        var isMel = sound.Shape is [_, >= FewestBands, _];
        var rate = facts.Preprocessor.Number("sampling_rate") is >= AudioForm.LeastRate and <= AudioForm.MostRate and var said ? (int)said : (int?)null;
        var input = new JsonObject { ["kind"] = "audio", ["rate"] = rate ?? new AudioForm().Rate };
        if (isMel)
            input["features"] = "log-mel";
        ImmutableArray<string> assumed = [.. rate is null ? [$"the model takes {new AudioForm().Rate} samples a second: set \"rate\""] : Array.Empty<string>(), .. isMel ? ["the spectrogram is Whisper's"] : Array.Empty<string>()];
        ImmutableArray<Limit> limits = !isMel && facts.Preprocessor.Flag("do_normalize") == true
            ? [new Limit("sounds are not brought to mean 0 and deviation 1, as preprocessor_config.json asks", "put the normalisation into the graph, or let clients send tensors")] : [];
        var row = facts.Outputs.FirstOrDefault(o => facts.RowOf(o) is not null);
        if (row is not null && (ModelFacts.IsNamed(row, "logit", "prob", "score", "label", "class") || facts.Architecture.Contains("Classification", StringComparison.Ordinal)))
        {
            var classes = facts.RowOf(row)!.Value;
            var (output, scores) = Scores.Of(facts, row, classes);
            var unnamed = Labels.Add(output, facts, classes);
            yield return Sound("sound classifier", "classify", $"output {row} of {classes} classes", output) with
            {
                Assumed = [.. assumed, scores], Limits = unnamed is null ? limits : [.. limits, unnamed],
            };
        }

        if (row is not null && ModelFacts.IsNamed(row, "embed"))
            yield return Sound("sound encoder", "embed", $"output {row}", Vectors.Of(facts, row));
        yield return Sound("sound model", "run", "raw tensors out", null);

        Guess Sound(string kind, string task, string because, JsonObject? output) => new(kind, task, [$"input {sound} is {(isMel ? "a spectrogram" : "sound")}", because], Guess.Bytes("sound", 1))
        {
            Input = (JsonObject)input.DeepClone(), Output = output, Assumed = assumed, Limits = limits,
        };
    }

    private static bool IsSound(ModelFacts facts, ModelTensor input) =>
        ModelFacts.IsNamed(input, "audio", "wav", "speech", "sound", "input_values", "input_features") || facts.Preprocessor.Text("feature_extractor_type") is { } kind
            && (kind.StartsWith("Wav2Vec2", StringComparison.Ordinal) || kind.StartsWith("Whisper", StringComparison.Ordinal));
}
