using System.Globalization;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Names of the events that runs wait for.</summary>
public static class RunEvents
{
    /// <summary>Event by which the caller cancels the run.</summary>
    public const string Cancel = "cancel";

    /// <summary>Returns the event of one stage's answer: the task by its index, the item by the start of its credit.</summary>
    public static string Stage(int task, UInt128 start) => string.Create(CultureInfo.InvariantCulture, $"stage:{task}:{start:x}");

    internal static string Stage(Pipelines.Pipeline pipeline, string task, Credit credit) =>
        Stage(
            pipeline.FindTask(task)?.Index ?? throw new FormatException($"Task {pipeline.Name}/{task} is not known here."), credit.Start);
}
