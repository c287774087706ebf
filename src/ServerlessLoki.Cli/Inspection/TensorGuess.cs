using System.Text.Json.Nodes;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Guess for any model: queries bring its input tensors, and get its output tensors.</summary>
internal static class TensorGuess
{
    /// <summary>Makes the guess of raw tensors, unchanged in both directions.</summary>
    public static Guess Of(ModelFacts facts)
    {
        // The file names one input, of a datatype that files know; the model says the others.
        var input = facts.Inputs.FirstOrDefault(static i => i.Datatype != "BF16") ?? facts.Inputs[0];
        var shape = facts.HasBatch ? input.Shape.SetItem(0, -1) : input.Shape;
        return new Guess(
            "tensor model", "run", [$"{(facts.Inputs.Length == 1 ? "input" : "inputs")} {string.Join(", ", facts.Inputs.Select(static i => i.Name))}: tensors in, tensors out"],
            new JsonObject { ["name"] = input.Name, ["datatype"] = input.Datatype, ["shape"] = new JsonArray([.. shape.Select(static d => (JsonNode)d)]) });
    }
}
