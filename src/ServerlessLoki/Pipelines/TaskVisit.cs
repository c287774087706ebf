namespace ServerlessLoki.Pipelines;

/// <summary>Way on which a query's rows reach a task: the edges from the root on.</summary>
/// <remarks>In a tree each task has one, with the task's own index; a task with several incoming edges has one for each way there.</remarks>
/// <param name="Index">Position in <see cref="Pipeline.Visits"/>.</param>
/// <param name="Task">Task index.</param>
/// <param name="Parent">The way without its last edge; null at the root.</param>
/// <param name="Edge">Last edge of the way; −1 at the root.</param>
public sealed record TaskVisit(int Index, int Task, TaskVisit? Parent, int Edge)
{
    /// <summary>Tests whether the way leads through a task, its end included.</summary>
    public bool Passes(int task) => At(task) is not null;

    /// <summary>Returns the part of the way that ends at a task; null when the way does not lead through it.</summary>
    public TaskVisit? At(int task)
    {
        var visit = this;
        while (visit is not null && visit.Task != task)
            visit = visit.Parent;
        return visit;
    }
}
