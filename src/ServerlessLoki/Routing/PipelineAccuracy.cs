using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Routing;

/// <summary>Accuracy that a query can ask for. Every branch must reach it, so the worst branch limits it.</summary>
public static class PipelineAccuracy
{
    /// <summary>Computes the accuracy that no plan can exceed: the product of the most accurate variants on the worst branch,
    /// 0..1.</summary>
    /// <param name="pipeline">Pipeline to compute for.</param>
    public static double Best(Pipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return pipeline.Root.MostAccurate.Accuracy * Below(pipeline, t => t.MostAccurate.Accuracy)[pipeline.Root.Index];
    }

    /// <summary>Computes, by task, the accuracy that no plan can exceed over the tasks strictly below, 0..1.</summary>
    /// <param name="pipeline">Pipeline to compute for.</param>
    public static double[] BestBelow(Pipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return Below(pipeline, t => t.MostAccurate.Accuracy);
    }

    /// <summary>Computes, by task, the best product of accuracies over the tasks strictly below, on the worst branch; 1 at a
    /// leaf.</summary>
    /// <param name="pipeline">Pipeline to compute for.</param>
    /// <param name="best">Best accuracy of a task; 0 where no slot runs it.</param>
    internal static double[] Below(Pipeline pipeline, Func<PipelineTask, double> best)
    {
        var below = new double[pipeline.Tasks.Length];
        for (var t = below.Length - 1; t >= 0; t--)
            below[t] = pipeline.Tasks[t].Outgoing.Select(e => best(pipeline.Tasks[e.To]) * below[e.To]).DefaultIfEmpty(1).Min();
        return below;
    }
}
