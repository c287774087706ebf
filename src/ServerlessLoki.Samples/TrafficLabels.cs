namespace ServerlessLoki.Samples;

/// <summary>Class names of the three tasks, in the order of the models' outputs.</summary>
internal static class TrafficLabels
{
    /// <summary>Classes of <c>detect</c>.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["car", "person"];

    /// <summary>Classes of <c>classify-vehicle</c>.</summary>
    public static IReadOnlyList<string> Vehicles { get; } =
        ["private", "taxi", "police", "van", "ambulance", "post", "truck", "fire-engine", "bus"];

    /// <summary>Classes of <c>classify-person</c>.</summary>
    public static IReadOnlyList<string> Persons { get; } =
        ["pedestrian", "worker", "courier", "umbrella", "traveller", "child", "senior"];

    /// <summary>Returns the second-stage classes of a kind.</summary>
    public static IReadOnlyList<string> Of(SceneObjectKind kind) => kind == SceneObjectKind.Car ? Vehicles : Persons;
}
