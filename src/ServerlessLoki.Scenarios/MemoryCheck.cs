using ServerlessLoki.Planning;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Whether what a device type's slots hold is known wherever their memory is limited.</summary>
internal static class MemoryCheck
{
    /// <summary>Each variant that is profiled on such a device says what it takes, and a slot can hold it.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="pipelines">Where its pipelines stand.</param>
    /// <param name="faults">Takes the faults.</param>
    public static void Run(PlanningProblem problem, JsonValue pipelines, FaultList faults)
    {
        for (var p = 0; p < problem.Pipelines.Length; p++)
        {
            foreach (var task in problem.Pipelines[p].Pipeline.Tasks)
            {
                foreach (var variant in task.Variants)
                {
                    foreach (var device in problem.Devices.Where(d => d.MemoryMiB is not null && problem.Profile.Find(variant.Name, d.Name) is not null))
                    {
                        if (variant.MemoryMiB is not { } needed)
                        {
                            faults.Add(
                                $"{pipelines.Path}[{p}]", $"device type \"{device.Name}\" has a limited memory, and what variant \"{variant.Name}\" of task \"{task.Name}\" takes of it is not said",
                                "no memoryMiB", "memoryMiB of the variant, or no memoryMiB of the device type");
                        }
                        else if (needed > device.MemoryMiB)
                        {
                            faults.Add(
                                $"{pipelines.Path}[{p}]", $"variant \"{variant.Name}\" of task \"{task.Name}\" is profiled on \"{device.Name}\", whose slots cannot hold it",
                                $"memoryMiB {needed}", $"at most {device.MemoryMiB}, a larger memoryMiB of the device type, or no profile rows for it there");
                        }
                    }
                }
            }
        }
    }
}
