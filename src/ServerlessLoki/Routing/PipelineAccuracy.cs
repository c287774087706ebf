using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Routing;

/// <summary>The accuracy that a query can ask for: every branch must reach it, so the worst branch says what is possible.</summary>
public static class PipelineAccuracy
{
    /// <summary>What no plan can exceed: the product of the most accurate variants on the worst of the branches.</summary>
    /// <param name="pipeline">The pipeline.</param>
    public static double Best(Pipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return pipeline.Root.MostAccurate.Accuracy * Below(pipeline, t => t.MostAccurate.Accuracy)[pipeline.Root.Index];
    }

    /// <summary>[task] what no plan can exceed over the tasks strictly below.</summary>
    /// <param name="pipeline">The pipeline.</param>
    public static double[] BestBelow(Pipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return Below(pipeline, t => t.MostAccurate.Accuracy);
    }

    /// <summary>[task] best product of accuracies over the tasks strictly below, on the worst of the branches; 1 at a leaf.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="best">Best accuracy of a task; 0 where nothing runs it.</param>
    internal static double[] Below(Pipeline pipeline, Func<PipelineTask, double> best)
    {
        var below = new double[pipeline.Tasks.Length];
        for (var t = below.Length - 1; t >= 0; t--)
            below[t] = pipeline.Tasks[t].Outgoing.Select(e => best(pipeline.Tasks[e.To]) * below[e.To]).DefaultIfEmpty(1).Min();
        return below;
    }
}
