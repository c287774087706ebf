using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>What a pipeline's answer says of all classes, and not only of the best.</summary>
internal static class PipelineClasses
{
    /// <summary>Name of a classification's scores, behind the task's.</summary>
    public const string Score = ".score";

    /// <summary>Name of the probabilities of all classes, behind the task's.</summary>
    private const string Probabilities = ".probabilities";

    /// <summary>Refuses outputs that the pipeline does not have, and requests for classes at outputs without class scores.</summary>
    public static void Check(Pipeline pipeline, IReadOnlyList<RequestedOutput>? wanted)
    {
        if (wanted is null)
            return;
        var names = Tasks(pipeline).Select(static t => t.Name + Probabilities).ToList();
        OutputSelection.Check(wanted, [.. PipelineOutputs.Names(pipeline), .. names, .. PipelineOutputs.QueryNames(pipeline)], name => names.Contains(name) ? null : Fault(pipeline, name), name => MaskFault(pipeline, name));
    }

    /// <summary>True where the stages must give the probabilities of all classes.</summary>
    public static bool AreWanted(Pipeline pipeline, InferRequest request) => Tasks(pipeline).Any(t =>
        request.WantsProbabilities || request.Outputs?.Any(o => o.Name == t.Name + Probabilities || (o.Name == t.Name + Score && o.Classes is not null)) == true);

    /// <summary>The outputs that a request names, and the probabilities where it asks for them by its parameter; null = all.</summary>
    public static IReadOnlyList<RequestedOutput>? Wanted(Pipeline pipeline, InferRequest request)
    {
        if (!request.WantsProbabilities)
            return request.Outputs;
        var named = request.Outputs ?? [.. PipelineOutputs.Names(pipeline).Select(static n => new RequestedOutput(n, null))];
        return [.. named, .. Tasks(pipeline).Select(static t => t.Name + Probabilities).Where(p => !named.Any(o => o.Name == p)).Select(static p => new RequestedOutput(p, null))];
    }

    /// <summary>The probabilities of all classes, a row for each item; null where the query did not ask for them and there are items.</summary>
    public static OutputTensor? Of(PipelineTask task, QueryResult result)
    {
        var rows = result.Answers.Where(a => a.Task == task.Index).Select(static a => a.Tensor?.Parts[0]).ToArray();
        if (rows.Contains(null))
            return null;
        var tensor = rows.Length == 0 ? new OutputTensor("", Datatype.Fp32, [0, task.Output.Labels.Length], default) : TensorOutputs.Whole("", rows!);
        return tensor with { Name = task.Name + Probabilities, IsOnRequest = true, Classes = task.Output.Labels };
    }

    private static IEnumerable<PipelineTask> Tasks(Pipeline pipeline) => pipeline.Tasks.Where(static t => t.Output.Kind == TaskOutputKind.Classification);

    private static string? MaskFault(Pipeline pipeline, string name)
    {
        var masks = pipeline.Tasks.SelectMany(static t => PipelineOutputs.MasksOf(t)).ToList();
        return masks.Contains(name) ? null
            : $"'{name}' is no mask: {(masks.Count == 0 ? "this pipeline makes none; leave the parameter out" : $"ask for it at {string.Join(", ", masks)}")}";
    }

    private static string? Fault(Pipeline pipeline, string name)
    {
        var isRaw = pipeline.Tasks.Any(t => t.Output.Kind == TaskOutputKind.Tensor && TensorOutputs.Describe(pipeline, t).Any(o => o.Name == name));
        if (isRaw)
            return BestClasses.Fault(PipelineOutputs.Describe(pipeline).First(o => o.Name == name));
        var scores = Tasks(pipeline).Select(static t => t.Name + Score).ToList();
        return scores.Contains(name) ? null
            : $"'{name}' holds no class scores: {(scores.Count == 0 ? "no output of this pipeline does; leave the parameter out" : $"ask for them at {string.Join(", ", scores)}")}";
    }
}
