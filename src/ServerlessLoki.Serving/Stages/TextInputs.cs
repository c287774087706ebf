using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Inputs of a model for a text, by their meaning.</summary>
/// <param name="Ids">Input of token ids.</param>
/// <param name="Mask">Input of the mask: 1 for tokens, 0 for padding; null where the model has none.</param>
/// <param name="Types">Input of token types: 0 for the first text, 1 for the second; null where the model has none.</param>
/// <param name="FixedLength">Tokens of a row where the model fixes them; null where it takes any number.</param>
internal sealed record TextInputs(ModelTensor Ids, ModelTensor? Mask, ModelTensor? Types, int? FixedLength)
{
    /// <summary>Says which tasks have variants that take texts, or sounds, beside others that do not.</summary>
    public static void CheckAlike(Pipeline pipeline, List<Fault> faults)
    {
        foreach (var task in pipeline.Tasks)
        {
            var path = $"$.tasks[{(task.Index == 0 ? "0" : task.Name)}].variants";
            if (task.Variants.Any(v => v.Input.Text is null == task.TakesTexts))
                faults.Add(new Fault(path, "some take texts, others tensors", null, "\"input\": {\"kind\": \"text\", …} at the task, or at each variant"));
            if (task.Variants.Any(v => v.Input.Audio is null == task.TakesSounds))
                faults.Add(new Fault(path, "some take sounds, others do not", null, "\"input\": {\"kind\": \"audio\", …} at the task, or at each variant"));
        }
    }

    /// <summary>True where queries bring texts for the root's variants.</summary>
    public static bool AreTexts(Pipeline pipeline, List<Fault> faults)
    {
        if (!pipeline.Root.Variants.Any(static v => v.Input.Text is not null))
            return false;
        if (pipeline.Input.Datatype != "BYTES" || pipeline.Input.Shape is not [1 or 2 or -1])
            faults.Add(new Fault("$.input", "the first task takes texts", $"{pipeline.Input.Datatype} [{string.Join(',', pipeline.Input.Shape)}]", "BYTES [1] for a text, BYTES [2] for a pair"));
        return true;
    }

    /// <summary>Finds the inputs by the names in the file, else by their own names.</summary>
    /// <returns>Inputs; null with faults.</returns>
    public static TextInputs? Of(OnnxModel model, TextForm form, List<string> faults)
    {
        var before = faults.Count;
        var mask = Find(model, form, "mask", static n => n.Contains("mask", StringComparison.OrdinalIgnoreCase), faults);
        var types = Find(model, form, "types", static n => n.Contains("type", StringComparison.OrdinalIgnoreCase) || n.Contains("segment", StringComparison.OrdinalIgnoreCase), faults);
        ModelTensor?[] found = [mask, types];
        var rest = model.Inputs.Where(i => !found.Contains(i)).ToList();
        var ids = form.Tensors.ContainsKey("ids") ? Find(model, form, "ids", static _ => false, faults) : rest is [var only] ? only : null;
        if (faults.Count == before && (rest is not [var left] || left != ids || (mask is not null && mask == types)))
            faults.Add($"its inputs {string.Join(", ", model.Inputs)} are not one of ids, with a mask and types or without: name them, as in \"tensors\": {{\"ids\": \"…\", \"mask\": \"…\"}}, or export it with these inputs only");
        foreach (var input in model.Inputs)
        {
            if (!model.HasBatch || input.Shape.Length != 2 || input.Datatype is not ("INT64" or "INT32") && !(input == mask && input.Datatype == "FP32"))
                faults.Add($"input {input}: for texts it is INT64 or INT32 [N, length]{(input == mask ? ", a mask also FP32" : "")}");
        }

        if (faults.Count > before)
            return null;
        var lengths = model.Inputs.Select(static i => i.Shape[1]).Where(static l => l > 0).Distinct().ToList();
        if (lengths.Count > 1)
            faults.Add($"its inputs {string.Join(", ", model.Inputs)} fix unlike lengths: export it with one");
        return lengths.Count > 1 ? null : new TextInputs(ids!, mask, types, lengths is [] ? null : (int)lengths[0]);
    }

    private static ModelTensor? Find(OnnxModel model, TextForm form, string role, Func<string, bool> isIt, List<string> faults)
    {
        if (!form.Tensors.TryGetValue(role, out var name))
            return model.Inputs.FirstOrDefault(i => !form.Tensors.ContainsValue(i.Name) && isIt(i.Name));
        var named = model.Inputs.FirstOrDefault(i => i.Name == name);
        if (named is null)
            faults.Add($"it has no input '{name}', which \"tensors\" names as {role}; it has {string.Join(", ", model.Inputs)}");
        return named;
    }
}
