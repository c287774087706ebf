using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Whether a task gets as many texts as its variants take.</summary>
internal static class TextFit
{
    /// <summary>Why queries bring no text; null if they do.</summary>
    public static string? QueryFault(Pipeline pipeline) => pipeline.Input is { Datatype: "BYTES", Shape: [1 or 2 or -1] } && !pipeline.Root.TakesSounds ? null
        : $"queries bring {(pipeline.Root.TakesSounds ? "sounds" : $"{pipeline.Input.Datatype} [{string.Join(',', pipeline.Input.Shape)}]")}, no text";

    /// <summary>Texts of a query; null where it may bring one or two.</summary>
    public static int? OfQuery(Pipeline pipeline) => pipeline.Input.Shape is [> 0 and var count] ? (int)count : null;

    /// <summary>Why the texts that a variant gets are not those that it takes; null if they are.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="task">The variant's task.</param>
    /// <param name="form">How the variant takes texts.</param>
    /// <param name="arriving">How many arrive; null = one or two.</param>
    public static string? Fault(Pipeline pipeline, PipelineTask task, TextForm form, int? arriving)
    {
        if (form.TakesQuery && task.Incoming.IsEmpty)
            return "\"query\" in \"texts\" is for a task behind another; here the query's text is \"input\"";
        if (form.TakesQuery && QueryFault(pipeline) is { } fault)
            return $"\"texts\" names the query's own text, but {fault}";
        // Where one or two come, one is the least.
        var least = (arriving ?? 1) + Math.Max(0, form.Texts.Length - 1) + (form.TakesQuery ? (OfQuery(pipeline) ?? 1) - 1 : 0);
        var isExact = arriving is not null && (!form.TakesQuery || OfQuery(pipeline) is not null);
        if (least > 2)
            return $"it gets {least} texts{(isExact ? "" : " or more")}; a model takes one or two: leave some out of \"texts\"";
        return least == 1 && isExact && task.Output.Kind == TaskOutputKind.Answer
            ? "it gets one text, but an answer needs two, a question and its context: say where the other comes from, as in \"texts\": [\"query\", \"input\"]"
            : null;
    }
}
