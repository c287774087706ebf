using System.Text.Json.Nodes;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Output of a classifier, by the operator that makes it.</summary>
internal static class Scores
{
    private const int Best = 5;

    /// <summary>Makes the task's <c>output</c>, with the assumption made.</summary>
    public static (JsonObject Output, string Assumed) Of(ModelFacts facts, ModelTensor output, int classes)
    {
        var said = new JsonObject { ["kind"] = "classification" };
        if (facts.Outputs[0] != output)
            said["tensor"] = output.Name;
        var maker = facts.File.MakerOf(output.Name);
        var top = Math.Min(Best, classes);
        if (maker?.EndsWith("Softmax", StringComparison.Ordinal) == true && !maker.StartsWith("Log", StringComparison.Ordinal))
        {
            said["topK"] = top;
            return (said, $"output '{output.Name}' is of probabilities: the graph ends in {maker}");
        }

        if (maker?.EndsWith("Sigmoid", StringComparison.Ordinal) == true)
        {
            (said["topK"], said["minScore"]) = (classes, 0.5);
            return (said, $"output '{output.Name}' is of probabilities of which several may hold: the graph ends in {maker}");
        }

        if (facts.Config.Text("problem_type") == "multi_label_classification")
        {
            said["scores"] = "sigmoid";
            return (said, $"output '{output.Name}' is of logits of which several may hold: config.json says \"multi_label_classification\"");
        }

        if (output.Name.Contains("prob", StringComparison.OrdinalIgnoreCase))
        {
            said["topK"] = top;
            return (said, $"output '{output.Name}' is of probabilities by its name");
        }

        (said["scores"], said["topK"]) = ("logits", top);
        return (said, $"output '{output.Name}' is of logits that go through a softmax: the graph ends in {maker ?? "no known operator"}; \"scores\" says otherwise");
    }
}
