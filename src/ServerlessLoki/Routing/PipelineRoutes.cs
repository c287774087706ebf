namespace ServerlessLoki.Routing;

/// <summary>Arrays behind one pipeline's look-ups. Shares are cumulative over the task's options.</summary>
/// <param name="Options">[task] deployed variants, most accurate first.</param>
/// <param name="RootShares">Cumulative shares over the root's options.</param>
/// <param name="EdgeShares">[edge][parent variant], cumulative over the child task's options.</param>
/// <param name="ChildTask">[edge] task index of the child.</param>
/// <param name="MinRemainingUs">[task] see <see cref="RoutingTable.MinRemainingUs"/>.</param>
/// <param name="BestBelow">[task] see <see cref="RoutingTable.BestAccuracyBelow"/>.</param>
internal sealed record PipelineRoutes(
    RouteOption[][] Options,
    double[] RootShares,
    double[][][] EdgeShares,
    int[] ChildTask,
    double[] MinRemainingUs,
    double[] BestBelow);
