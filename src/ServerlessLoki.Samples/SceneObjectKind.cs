namespace ServerlessLoki.Samples;

/// <summary>What the detector tells apart; the numeric value is the detector's class index.</summary>
public enum SceneObjectKind
{
    /// <summary>Any vehicle; its class is one of <see cref="TrafficLabels.Vehicles"/>.</summary>
    Car = 0,

    /// <summary>Any person; its class is one of <see cref="TrafficLabels.Persons"/>.</summary>
    Person = 1,
}
