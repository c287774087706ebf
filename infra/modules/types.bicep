// Types that main.bicep and the modules share.

@export()
@description('Tags of every resource; azd finds what it deployed by azd-env-name.')
type tagMap = {
  *: string
}

@export()
@description('One kind of worker: a device, the machine that has it, and how many of them there may be.')
type deviceKind = {
  @description('Device name, as profiles and settings spell it.')
  name: 'cpu' | 't4' | 'a100'

  @description('Name of the workload profile in the environment.')
  workloadProfile: string

  @description('Type of the workload profile on the platform.')
  workloadProfileType: 'Consumption' | 'Consumption-GPU-NC8as-T4' | 'Consumption-GPU-NC24-A100'

  @description('Cores of a replica, as text because Bicep has no fractions.')
  cpu: string

  @description('Memory of a replica.')
  memory: string

  @description('Places for variants in a replica; on a GPU they share it.')
  slots: int

  @description('What a slot gets of the profiled device, above 0 up to 1.')
  slotShare: string

  @description('Replicas that always stand by.')
  minReplicas: int

  @description('Replicas at most; 0 leaves the kind out.')
  maxReplicas: int

  @description('US dollars per replica and hour: what the planner weighs, an estimate.')
  pricePerHour: string

  @description('Image of the last deployment; empty before the first.')
  image: string
}

@export()
@description('What the planner is told of one kind of worker.')
type fleetEntry = {
  @description('Device name.')
  device: string

  @description('Resource id of the container app.')
  appId: string

  @description('Replicas that the planner keeps at least.')
  minReplicas: int

  @description('Replicas that the planner asks for at most.')
  maxReplicas: int

  @description('Slots that a replica brings.')
  slotsPerReplica: int

  @description('What a slot gets of the profiled device.')
  slotShare: string

  @description('US dollars per replica and hour.')
  pricePerHour: string
}
