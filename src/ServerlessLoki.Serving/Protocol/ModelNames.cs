using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Lookup of model names, which are names of pipelines or of their variants.</summary>
internal static class ModelNames
{
    /// <summary>Finds a variant by name; null if the name is that of no variant.</summary>
    public static (int Pipeline, int Task, Variant Variant)? FindVariant(IServingEngine engine, string name)
    {
        for (var p = 0; p < engine.Pipelines.Count; p++)
        {
            foreach (var task in engine.Pipelines[p].Pipeline.Tasks)
            {
                foreach (var variant in task.Variants)
                {
                    if (variant.Name == name)
                        return (p, task.Index, variant);
                }
            }
        }

        return null;
    }

    /// <summary>Returns why a pipeline or variant cannot be used at present; null where it can.</summary>
    public static string? FaultOf(IServingEngine engine, string name)
    {
        if (engine.Find(name)?.Pipeline is not { } pipeline)
            return engine.FaultOf(name) is { } fault ? $"Variant {name} is not used at present: {fault}." : null;
        foreach (var task in pipeline.Tasks)
        {
            var faults = task.Variants.Select(v => engine.FaultOf(v.Name)).ToList();
            if (!faults.Contains(null))
                return $"No variant of task {task.Name} can be run at present: {string.Join("; ", task.Variants.Select((v, i) => $"{v.Name}, {faults[i]}"))}.";
        }

        return null;
    }

    /// <exception cref="ApiFaultException">404.</exception>
    public static void RequireVersion(string name, string? version)
    {
        if (version is not null && version != InferJson.Version)
            throw ApiFaultException.NotFound($"Model '{name}' has no version '{Shorten(version)}', only '{InferJson.Version}'.");
    }

    public static ApiFaultException Unknown(IServingEngine engine, string name) => ApiFaultException.NotFound(
        $"No model '{Shorten(name)}'. Pipelines: {string.Join(", ", engine.Pipelines.Select(p => p.Pipeline.Name))}; "
        + "POST /v2/repository/index lists their variants too.");

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
