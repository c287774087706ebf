namespace ServerlessLoki.Samples;

/// <summary>Classes of the detector; the numeric value is the class index.</summary>
public enum SceneObjectKind
{
    /// <summary>Any vehicle; its class is one of <see cref="TrafficLabels.Vehicles"/>.</summary>
    Car = 0,

    /// <summary>Any person; its class is one of <see cref="TrafficLabels.Persons"/>.</summary>
    Person = 1,
}
