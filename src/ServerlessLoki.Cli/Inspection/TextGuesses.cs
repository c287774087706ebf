using System.Text.Json.Nodes;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Guesses for a model of token ids, the likeliest first: answers, classifier, generator, encoder, anything else.</summary>
internal static class TextGuesses
{
    /// <summary>Architectures whose outputs for each token are no vectors.</summary>
    private static readonly string[] s_perToken = ["ForTokenClassification", "ForMaskedLM", "ForCausalLM", "LMHeadModel", "ForPreTraining"];

    /// <summary>Tests whether the inputs look like token ids.</summary>
    public static bool AreIds(ModelFacts facts) => facts.HasBatch
        && facts.Inputs.All(static i => i.Shape.Length == 2 && (i.Datatype is "INT64" or "INT32" || (i.Datatype == "FP32" && ModelFacts.IsNamed(i, "mask"))))
        && facts.Inputs.Any(static i => ModelFacts.IsNamed(i, "ids", "token", "mask"));

    /// <summary>Lists the guesses; empty where the model takes no texts, or there is no tokenizer next to it.</summary>
    public static IEnumerable<Guess> Of(ModelFacts facts)
    {
        if (!AreIds(facts) || Tokenizers.Of(facts) is not { } input)
            yield break;
        var tokenizer = Path.GetFileName((string)input["tokenizer"]!);
        var start = facts.Outputs.FirstOrDefault(static o => ModelFacts.IsNamed(o, "start"));
        var end = facts.Outputs.FirstOrDefault(static o => ModelFacts.IsNamed(o, "end"));
        if (start is not null && end is not null)
        {
            yield return Text("question answering", "answer", $"outputs '{start.Name}' and '{end.Name}'", new JsonObject { ["kind"] = "answer" }, count: 2) with
            {
                Assumed = ["queries bring a question and its context"],
            };
        }

        var scores = facts.Outputs.FirstOrDefault(o => facts.RowOf(o) is not null);
        if (scores is not null && (facts.Architecture.EndsWith("ForSequenceClassification", StringComparison.Ordinal) || ModelFacts.IsNamed(scores, "logit", "prob", "score")))
        {
            var classes = facts.RowOf(scores)!.Value;
            var (output, assumed) = Scores.Of(facts, scores, classes);
            var unnamed = Labels.Add(output, facts, classes);
            yield return Text("text classifier", "classify", $"output {scores} of {classes} classes", output) with
            {
                Assumed = [assumed], Limits = unnamed is null ? [] : [unnamed],
            };
        }

        if (facts.Outputs is [{ Datatype: "INT64" or "INT32" } ids, ..])
            yield return Text("text generator", "write", $"output {ids} of token ids", new JsonObject { ["kind"] = "text", ["tokenizer"] = (string)input["tokenizer"]! });
        if (!s_perToken.Any(p => facts.Architecture.EndsWith(p, StringComparison.Ordinal)) && Vectors.Find(facts) is { } vector)
        {
            var output = Vectors.Of(facts, vector);
            yield return Text("text encoder", "embed", $"output {vector}", output) with
            {
                Assumed = output.ContainsKey("pooling") || vector.Shape.Length != 3 ? [] : ["a text's vector is the mean of its tokens' (\"pooling\"), of length 1 (\"normalise\")"],
            };
        }

        yield return Text("text model", "run", "raw tensors out", null);

        Guess Text(string kind, string task, string because, JsonObject? output, int count = 1) => new(
            kind, task, [$"inputs {string.Join(", ", facts.Inputs.Select(static i => i.Name))} are token ids, {tokenizer} lies beside", because, .. Named(facts)], Guess.Bytes("text", count))
        {
            Input = (JsonObject)input.DeepClone(), Output = output,
        };
    }

    /// <summary>Returns the limit where clients must send token ids.</summary>
    public static Limit? Missing(ModelFacts facts) => AreIds(facts) && Tokenizers.Of(facts) is null ? Tokenizers.Missing(facts) : null;

    private static string[] Named(ModelFacts facts) => facts.Architecture.Length == 0 ? [] : [$"config.json: {facts.Architecture}"];
}
