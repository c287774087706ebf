using System.Text.Json.Nodes;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Output of an encoder.</summary>
internal static class Vectors
{
    /// <summary>Finds the output that is a vector, or a vector for each token; null where there is none.</summary>
    public static ModelTensor? Find(ModelFacts facts)
    {
        var open = facts.Outputs.Where(o => facts.HasBatch && o is { Datatype: "FP32" or "FP16", IsMap: false } && o.Shape is [_, > 1] or [_, _, > 1] && !ModelFacts.IsNamed(o, "logit")).ToList();
        // "pooler_output" of BERT is what next-sentence training made of it; the mean of all tokens is the better vector.
        return open.Find(static o => ModelFacts.IsNamed(o, "sentence_embed", "embedding")) ?? open.Find(static o => ModelFacts.IsNamed(o, "last_hidden")) ?? open.FirstOrDefault();
    }

    /// <summary>Makes the task's <c>output</c>.</summary>
    public static JsonObject Of(ModelFacts facts, ModelTensor output)
    {
        var said = new JsonObject { ["kind"] = "embedding" };
        if (facts.Outputs[0] != output)
            said["tensor"] = output.Name;
        // Beside an export of sentence-transformers.
        var pooling = facts.Beside.Json(Path.Combine("1_Pooling", "config.json"));
        if (output.Shape.Length == 3 && pooling.Flag("pooling_mode_cls_token") == true)
            said["pooling"] = "cls";
        else if (output.Shape.Length == 3 && pooling.Flag("pooling_mode_max_tokens") == true)
            said["pooling"] = "max";
        return said;
    }
}
