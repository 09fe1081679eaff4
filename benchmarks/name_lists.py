"""Names of knowledge points for benchmarks/names.py: no two lines are one concept, unless they share a name.

Fields of a line are parted by bars. Whoever wrote the lists knew the rules; names that no rule can join are among the
variants, and those that the tests of the rules use are among the near misses.
"""


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """(name, the same or another) of each line."""
    return tuple((one.strip(), other.strip()) for one, other in (line.split("|") for line in _lines(text)))


# Names that have a plural; it is made by program, but for those with their own below.
COUNTABLE = _lines("""
absolute value function
accounting identity
acid anhydride
action potential
activation energy barrier
adjacency matrix
aldol condensation
algebraic expression
allosteric enzyme
amino acid
angle bisector
antibody
aromatic compound
arithmetic sequence
asymptote
atomic orbital
autosomal disorder
balanced equation
bar chart
base pair
binary tree
binomial coefficient
black hole
boundary condition
box plot
buffer solution
business cycle
capacitor
catalyst
cell membrane
central angle
chain reaction
characteristic polynomial
chemical bond
chi-square test
chord length formula
chromosome
circuit diagram
climate zone
coastal landform
coding sequence
cognitive bias
colligative property
comet
common denominator
comparative advantage
complementary angle
complex number
composite function
confidence interval
conic section
conjugate acid
conservation area
constitution
consumer price index
contour line
convergent series
coordinate plane
correlation coefficient
covalent radius
critical point
cross section
cubic polynomial
data structure
decay constant
decimal fraction
decision tree
defence mechanism
demand curve
dependent clause
desert biome
determinant
deviation score
differential equation
diffraction grating
dipole moment
directed graph
disaccharide
discount rate
discriminant
dispersion relation
distance formula
divisibility rule
double helix
earthquake wave
eclipse
ecological niche
eigenvector
elasticity coefficient
electric field line
electrolyte
electron shell
ellipse
emission spectrum
empire
endocrine gland
energy level
enzyme inhibitor
equilibrium constant
equivalence relation
estuary
event horizon
exchange rate
expected frequency
explanatory variable
exponential function
externality
factor tree
fatty acid
feedback loop
figure of speech
food web
force diagram
fossil fuel
frame of reference
free body diagram
frequency table
functional group
galaxy
gamete
gas law
generating function
genetic mutation
geometric sequence
glacier
golden ratio
gravitational wave
greenhouse gas
half-reaction
hash table
heat engine
hexagon
histogram
homeostatic mechanism
hormone
hydrocarbon
hydrogen bond
hyperbola
hypotenuse
ideal solution
identity matrix
igneous rock
imaginary unit
incidence angle
independent event
inequality
inert electrode
inference rule
inflection point
inscribed angle
integer
interest group
interference pattern
intermediate host
inverse function
ionization energy
isotope
joint distribution
jury trial
kinetic model
latent variable
lattice point
learning curve
least squares estimate
lens
ligand
limiting reagent
line segment
linear transformation
linked list
logarithm
logic gate
longitudinal study
lymph node
magnetic dipole
mantle plume
marginal cost
market failure
mass number
memory trace
metaphor
microscope
mineral
mixed fraction
mole ratio
moment of inertia
monopoly
monsoon
moral dilemma
moving average
multiple
natural number
nebula
nerve impulse
neural network
neurotransmitter
normal vector
nuclear reactor
null space
number line
numerator
oblique triangle
ocean current
octet
operon
opportunity cost
optical fibre
orbit
organelle
oscillator
outlier
oxidizing agent
parabola
parallelogram
parasite
partial derivative
particle accelerator
pathogen
pendulum
pentagon
perfect square
periodic function
personality trait
perpendicular bisector
phase diagram
phobia
photon
phylum
pie chart
place value
plasma membrane
plasmid
polygon
population pyramid
power series
precipitate
price ceiling
primary consumer
prime factor
prism
probability tree
product rule
projectile
protein
pulley
Punnett square
pyramid
quadratic equation
quantum number
quartile
queue
radical expression
radioactive isotope
random variable
rate constant
rational number
ray diagram
reaction mechanism
receptor
reciprocal
rectangle
recurrence relation
reflex arc
regression line
relative frequency
remainder
residual
resistor
resonance structure
rhombus
ribosome
right triangle
river delta
root
rounding error
salt bridge
sample space
satellite
scalar product
scatter plot
scientific notation rule
secant line
seismic wave
semiconductor
sentence fragment
set
significant figure
simile
simple machine
slope
social norm
sociological theory
solenoid
solid of revolution
solubility curve
sonnet
sound wave
spanning tree
species
sphere
spring constant
square root
standard deviation
standing wave
star cluster
statute
stem cell
step function
stereotype
stimulus
stock
subset
subspace
substitution reaction
surface
surface area
suspension bridge
symbiosis
synapse
syllogism
tangent line
tariff
taxonomy
tectonic plate
telescope
tessellation
thermometer
tidal force
time series
tissue
torque
trade deficit
transformer
transition metal
trapezoid
treaty
triangle inequality
trigonometric ratio
trophic level
tropical cyclone
tsunami
unit circle
unit vector
vaccine
vector space
Venn diagram
vertex
virtual image
virus
viscosity
volcano
voltage divider
watershed
wave function
weak acid
whole number
word problem
working memory model
zygote
""")

IRREGULAR_PLURALS = _pairs("""
matrix inverse | matrix inverses
adjacency matrix | adjacency matrices
vertex | vertices
hypothesis | hypotheses
alternative hypothesis | alternative hypotheses
phenomenon | phenomena
criterion | criteria
bacterium | bacteria
emission spectrum | emission spectra
polyhedron | polyhedra
atomic nucleus | atomic nuclei
stimulus | stimuli
radius | radii
covalent radius | covalent radii
chemical formula | chemical formulae
analysis | analyses
axis of symmetry | axes of symmetry
basis | bases
locus | loci
focus of an ellipse | foci of an ellipse
index of refraction | indices of refraction
moment of inertia | moments of inertia
figure of speech | figures of speech
solid of revolution | solids of revolution
law of motion | laws of motion
mitochondrion | mitochondria
alga | algae
larva | larvae
antenna | antennae
fungus | fungi
wolf | wolves
half | halves
tooth | teeth
child | children
curriculum | curricula
maximum | maxima
octahedron | octahedra
genus | genera
ovum | ova
appendix | appendices
""")

HYPHENS = _pairs("""
half-life | half life
half-life | halflife
X-ray | X ray
X-ray diffraction | Xray diffraction
wave-particle duality | wave particle duality
self-esteem | self esteem
self-fulfilling prophecy | self fulfilling prophecy
second-order reaction | second order reaction
chi-square test | chi square test
t-test | t test
F-distribution | F distribution
non-Newtonian fluid | non Newtonian fluid
non-renewable resource | nonrenewable resource
co-ordinate geometry | coordinate geometry
semi-conductor physics | semiconductor physics
anti-derivative | antiderivative
sub-atomic particle | subatomic particle
multi-cellular organism | multicellular organism
micro-organism | microorganism
wave length | wavelength
eigen value | eigenvalue
photo-synthesis | photosynthesis
long-term memory | long term memory
short-run aggregate supply | short run aggregate supply
cross-section of a solid | cross section of a solid
Diels-Alder reaction | Diels Alder reaction
Henderson-Hasselbalch equation | Henderson–Hasselbalch equation
Michaelis-Menten kinetics | Michaelis Menten kinetics
Cauchy-Schwarz inequality | Cauchy–Schwarz inequality
Stefan-Boltzmann law | Stefan‑Boltzmann law
trade-off | tradeoff
check-sum | checksum
data base | database
time-table | timetable
feed-back loop | feedback loop
double-slit experiment | double slit experiment
problem-solving strategy | problem solving strategy
pre-industrial society | preindustrial society
post-colonial literature | postcolonial literature
inter-molecular force | intermolecular force
socio-economic status | socioeconomic status
bio-diversity | biodiversity
""")

SPELLINGS = _pairs("""
colour perception | color perception
behavioural economics | behavioral economics
centre of gravity | center of gravity
fibre optics | fiber optics
vapour pressure | vapor pressure
labour market | labor market
neighbouring angles | neighboring angles
catalysis of polymerisation | catalysis of polymerization
ionisation | ionization
oxidising agents in bleach | oxidizing agents in bleach
normalisation of data | normalization of data
generalised anxiety | generalized anxiety
crystallisation | crystallization
hydrolysing enzyme | hydrolyzing enzyme
sulphur dioxide | sulfur dioxide
sulphate ion | sulfate ion
aluminium oxide | aluminum oxide
haemoglobin | hemoglobin
anaemia | anemia
leukaemia | leukemia
oesophagus | esophagus
oestrogen | estrogen
foetal development | fetal development
paediatric medicine | pediatric medicine
anaesthesia | anesthesia
archaeological dating | archeological dating
encyclopaedia | encyclopedia
mediaeval Europe | medieval Europe
manoeuvre warfare | maneuver warfare
modelling of growth | modeling of growth
travelling wave | traveling wave
signalling pathway | signaling pathway
labelled diagram | labeled diagram
cancelled terms | canceled terms
programme evaluation | program evaluation
analogue signal | analog signal
catalogue of stars | catalog of stars
dialogue in drama | dialog in drama
defence mechanism | defense mechanism
offence in law | offense in law
grey matter | gray matter
mould growth | mold growth
plough | plow
sceptical inquiry | skeptical inquiry
artefact | artifact
litre | liter
kilometre | kilometer
metre per second | meter per second
calibre | caliber
sabre | saber
ageing population | aging population
judgement | judgment
enrolment rate | enrollment rate
fulfilment | fulfillment
skilful performance | skillful performance
tyre pressure | tire pressure
cheque | check
storey | story
draught | draft
pedlar | peddler
naïve Bayes classifier | naive Bayes classifier
Poincaré conjecture | Poincare conjecture
Schrödinger equation | Schrodinger equation
Gödel's incompleteness theorem | Godel's incompleteness theorem
Ampère's law | Ampere's law
Hückel rule | Huckel rule
Möbius strip | Mobius strip
Le Châtelier's principle | Le Chatelier's principle
Tchebysheff inequality | Chebyshev inequality
Moebius function | Möbius function
""")

WORD_ORDERS = _pairs("""
law of cosines | cosine law
law of sines | sine law
theorem of Pythagoras | Pythagoras theorem
conservation of momentum | momentum conservation
conservation of mass | mass conservation
principle of superposition | superposition principle
area of a circle | circle area
volume of a cone | cone volume
perimeter of a rectangle | rectangle perimeter
equation of a circle | circle equation
rate of reaction | reaction rate
heat of combustion | combustion heat
enthalpy of formation | formation enthalpy
energy of activation | activation energy
constant of proportionality | proportionality constant
coefficient of friction | friction coefficient
coefficient of correlation | correlation coefficient
index of refraction | refraction index
angle of incidence | incidence angle
point of inflection | inflection point
rules of divisibility | divisibility rules
theory of relativity | relativity theory
theory of games | game theory
structure of the atom | atomic structure
structure of proteins | protein structure
method of least squares | least squares method
method of elimination | elimination method
curve of demand | demand curve
speed of light | light speed
speed of sound | sound speed
supply and demand | demand and supply
sine and cosine | cosine and sine
addition and subtraction | subtraction and addition
mean and variance | variance and mean
crime and punishment | punishment and crime
area and perimeter | perimeter and area
permutations and combinations | combinations and permutations
velocity and acceleration | acceleration and velocity
acids and bases | bases and acids
oxidation and reduction | reduction and oxidation
Newton's law of cooling | Newton's cooling law
Hooke's law | law of Hooke
Bayes' theorem | theorem of Bayes
Euler's formula | formula of Euler
equations of motion | motion equations
balance of payments | payment balance
distribution of income | income distribution
separation of variables | variable separation
integration by parts method | method of integration by parts
transfer of heat | heat transfer
正弦与余弦 | 余弦与正弦
因数和倍数 | 倍数与因数
作用力与反作用力 | 反作用力与作用力
权利与义务 | 义务和权利
速度与加速度 | 加速度与速度
双曲线的离心率 | 双曲线离心率
函数的单调性 | 函数单调性
向量的数量积 | 向量数量积
圆锥的体积 | 圆锥体积
生态系统的稳定性 | 生态系统稳定性
""")

ABBREVIATIONS = _pairs("""
deoxyribonucleic acid | DNA
ribonucleic acid | RNA
adenosine triphosphate | ATP
polymerase chain reaction | PCR
nuclear magnetic resonance | NMR
gross domestic product | GDP
consumer price index | CPI
analysis of variance | ANOVA
principal component analysis | PCA
support vector machine | SVM
convolutional neural network | CNN
recurrent neural network | RNN
central processing unit | CPU
random access memory | RAM
hypertext transfer protocol | HTTP
structured query language | SQL
least common multiple | LCM
greatest common divisor | GCD
ordinary differential equation | ODE
partial differential equation | PDE
cumulative distribution function | CDF
probability density function | PDF
law of large numbers | LLN
central limit theorem | CLT
simple harmonic motion | SHM
electromotive force | EMF
light emitting diode | LED
intelligence quotient | IQ
attention deficit hyperactivity disorder | ADHD
obsessive compulsive disorder | OCD
post-traumatic stress disorder | PTSD
World Trade Organization | WTO
United Nations | UN
World Health Organization | WHO
North Atlantic Treaty Organization | NATO
human immunodeficiency virus | HIV
central nervous system | CNS
body mass index | BMI
side-angle-side | SAS
foreign direct investment | FDI
卷积神经网络 | CNN
脱氧核糖核酸 | DNA
国内生产总值 | GDP
聚合酶链式反应 | PCR
世界贸易组织 | WTO
智力商数 | IQ
""")

OTHER_FORMS = _pairs("""
Newton's first law | Newton's 1st law
Newton's second law | Newton's 2nd law
third normal form | 3rd normal form
Second World War | 2nd World War
Newton’s third law | Newton's third law
Bayes' rule | Bayes’s rule
Ohm's law | Ohms law
第一次工业革命 | 第1次工业革命
牛顿第二定律 | 牛顿第2定律
第三产业 | 第3产业
热力学第一定律 | 热力学第1定律
《红楼梦》 | 红楼梦
集合（补集） | 集合(补集)
""")

# Simplified, and the same in traditional characters, written by hand.
SCRIPTS = _pairs("""
电场强度 | 電場強度
磁场强度 | 磁場強度
动量守恒 | 動量守恆
热力学定律 | 熱力學定律
机械能 | 機械能
万有引力 | 萬有引力
圆周运动 | 圓周運動
简谐运动 | 簡諧運動
电磁感应 | 電磁感應
光电效应 | 光電效應
原子结构 | 原子結構
核反应 | 核反應
化学平衡 | 化學平衡
氧化还原反应 | 氧化還原反應
电离平衡 | 電離平衡
有机化合物 | 有機化合物
离子键 | 離子鍵
共价键 | 共價鍵
饱和蒸气压 | 飽和蒸氣壓
盐类水解 | 鹽類水解
细胞分裂 | 細胞分裂
减数分裂 | 減數分裂
遗传密码 | 遺傳密碼
基因表达 | 基因表達
种群密度 | 種群密度
生态系统 | 生態系統
神经调节 | 神經調節
免疫应答 | 免疫應答
呼吸作用 | 呼吸作用
蛋白质合成 | 蛋白質合成
等差数列 | 等差數列
等比数列 | 等比數列
导数的应用 | 導數的應用
圆锥曲线 | 圓錐曲線
双曲线 | 雙曲線
抛物线 | 拋物線
椭圆 | 橢圓
概率分布 | 概率分佈
条件概率 | 條件概率
随机变量 | 隨機變量
标准差 | 標準差
线性规划 | 線性規劃
排列组合 | 排列組合
复数 | 複數
对数函数 | 對數函數
指数函数 | 指數函數
三角恒等式 | 三角恆等式
立体几何 | 立體幾何
向量内积 | 向量內積
矩阵 | 矩陣
二项式定理 | 二項式定理
数学归纳法 | 數學歸納法
经典条件反射 | 經典條件反射
认知失调 | 認知失調
心理发展阶段 | 心理發展階段
防御机制 | 防禦機制
自我实现 | 自我實現
记忆的遗忘曲线 | 記憶的遺忘曲線
动机理论 | 動機理論
气质类型 | 氣質類型
辛亥革命 | 辛亥革命
鸦片战争 | 鴉片戰爭
洋务运动 | 洋務運動
五四运动 | 五四運動
抗日战争 | 抗日戰爭
丝绸之路 | 絲綢之路
科举制度 | 科舉制度
中央集权 | 中央集權
货币政策 | 貨幣政策
财政赤字 | 財政赤字
供给与需求 | 供給與需求
通货膨胀 | 通貨膨脹
边际效用 | 邊際效用
市场经济 | 市場經濟
宪法 | 憲法
合同法 | 合同法
气候类型 | 氣候類型
板块构造 | 板塊構造
地壳运动 | 地殼運動
干旱地区 | 乾旱地區
后现代主义 | 後現代主義
皇后 | 皇后
头发 | 頭髮
发现问题 | 發現問題
历史唯物主义 | 歷史唯物主義
日历 | 日曆
台湾海峡 | 臺灣海峽
饮食文化 | 飲食文化
里程碑 | 里程碑
里应外合 | 裡應外合
软件工程 | 軟體工程
信息技术 | 資訊技術
""")

# Names of Chinese that no list above varies; they only stand nearby.
BYSTANDERS = _lines("""
光合作用
牛顿第一定律
库仑定律
欧姆定律
焦耳定律
楞次定律
阿伏加德罗常数
勒夏特列原理
孟德尔遗传定律
自由组合定律
分离定律
电流强度
电阻率
电容器
电势能
重力势能
弹性势能
动能定理
匀速直线运动
匀变速直线运动
平抛运动
自由落体运动
机械波
电磁波
横波
纵波
折射率
反射定律
折射定律
全反射
干涉
衍射
偏振
放射性衰变
半衰期
质能方程
理想气体
等温过程
等压过程
等容过程
绝热过程
物质的量
摩尔质量
气体摩尔体积
物质的量浓度
质量分数
元素周期律
元素周期表
电负性
同位素
同素异形体
同分异构体
同系物
烷烃
烯烃
炔烃
芳香烃
醇类
酯化反应
加成反应
取代反应
消去反应
加聚反应
缩聚反应
细胞膜
细胞壁
细胞核
细胞质
叶绿体
线粒体
内质网
高尔基体
有丝分裂
无丝分裂
显性性状
隐性性状
基因突变
染色体变异
基因重组
自然选择
人工选择
集合的交集
集合的并集
集合的补集
充分条件
必要条件
函数的定义域
函数的值域
函数的奇偶性
函数的周期性
一次函数
二次函数
反比例函数
正比例函数
幂函数
正弦函数
余弦函数
正切函数
正弦定理
余弦定理
诱导公式
平面向量
空间向量
直线方程
圆的方程
椭圆的标准方程
平均数
中位数
众数
方差
正态分布
二项分布
超几何分布
古典概型
几何概型
全概率公式
""")

# Near misses: pairs that look alike and are two concepts.
NEAR_MISSES = _pairs("""
Type I error | Type II error
adsorption | absorption
mean | median
arithmetic mean | geometric mean
hypotonic solution | hypertonic solution
hypothermia | hyperthermia
hypoglycemia | hyperglycemia
sine rule | cosine rule
sine | cosine
secant | cosecant
tangent | cotangent
first law of thermodynamics | second law of thermodynamics
Newton's 1st law | Newton's 2nd law
Newton's first law | Newton's third law
ionic bond | covalent bond
ionic radius | covalent radius
positive charge | negative charge
positive correlation | negative correlation
+1 | -1
Na+ | Na
Fe2+ | Fe3+
vitamin B1 | vitamin B2
vitamin B1 | vitamin B12
vitamin D2 | vitamin D3
hepatitis A | hepatitis B
alpha decay | beta decay
α particle | β particle
X chromosome | Y chromosome
photosystem I | photosystem II
World War I | World War II
Richard II | Richard III
Henry IV | Henry VI
type 1 diabetes | type 2 diabetes
grade 3 fractions | grade 4 fractions
2D shapes | 3D shapes
one-tailed test | two-tailed test
one-way ANOVA | two-way ANOVA
single bond | double bond
double bond | triple bond
primary succession | secondary succession
primary structure | tertiary structure
monosaccharide | disaccharide
monosaccharide | polysaccharide
monopoly | duopoly
monohybrid cross | dihybrid cross
unicellular organism | multicellular organism
endothermic reaction | exothermic reaction
endoskeleton | exoskeleton
endocytosis | exocytosis
intermolecular force | intramolecular force
interspecific competition | intraspecific competition
international law | internal law
intercellular fluid | intracellular fluid
interpolation | extrapolation
introvert | extrovert
introduction | induction
homozygous | heterozygous
homogeneous mixture | heterogeneous mixture
autotroph | heterotroph
macroeconomics | microeconomics
macroevolution | microevolution
macronutrient | micronutrient
concave lens | convex lens
concave function | convex function
convergent evolution | divergent evolution
convergent boundary | divergent boundary
convergent thinking | divergent thinking
inductive reasoning | deductive reasoning
induction | deduction
afferent neuron | efferent neuron
affect | effect
anode | cathode
anion | cation
anabolism | catabolism
meiosis | mitosis
transcription | translation
transduction | transfection
genotype | phenotype
gene | genome
prokaryote | eukaryote
angiosperm | gymnosperm
xylem | phloem
stalactite | stalagmite
latitude | altitude
latitude | longitude
perigee | apogee
perihelion | aphelion
nadir | zenith
left-hand limit | right-hand limit
upper bound | lower bound
local maximum | local minimum
global maximum | global minimum
maximum value | minimum value
even function | odd function
rational number | irrational number
real number | complex number
prime number | composite number
proper fraction | improper fraction
linear equation | nonlinear equation
linear function | quadratic function
definite integral | indefinite integral
definite article | indefinite article
finite set | infinite set
discrete variable | continuous variable
dependent variable | independent variable
dependent event | independent event
permutation | combination
union of sets | intersection of sets
row vector | column vector
row rank | column rank
sufficient condition | necessary condition
least common multiple | greatest common divisor
greatest common factor | greatest common divisor theorem
arithmetic sequence | geometric sequence
arithmetic series | arithmetic sequence
interior angle | exterior angle
acute angle | obtuse angle
inscribed circle | circumscribed circle
incenter | circumcenter
orthocenter | circumcenter
centroid | orthocenter
chord | cord
parallel lines | perpendicular lines
series circuit | parallel circuit
alternating current | direct current
step-up transformer | step-down transformer
kinetic energy | potential energy
kinetic friction | static friction
elastic collision | inelastic collision
longitudinal wave | transverse wave
reflection of light | refraction of light
constructive interference | destructive interference
speed | velocity
mass | weight
heat capacity | specific heat capacity
fission | fusion
nuclear fission | nuclear fusion
alkane | alkene
alkene | alkyne
cyclohexane | cyclohexene
methane | ethane
methanol | ethanol
methyl group | ethyl group
ethanol | ethanal
propanol | propanal
sulfate | sulfite
nitrate | nitrite
nitrate | nitride
chlorate | chlorite
chloride | chlorate
phosphate | phosphite
sulfuric acid | sulfurous acid
nitric acid | nitrous acid
ferrous ion | ferric ion
chloroethane | chloromethane
ketone | ketose
lactose | lactase
sucrose | sucrase
cellulose | cellulase
glycogen | glucagon
glucose | galactose
uracil | uranyl
thymine | thiamine
adenine | adenosine
guanine | guanosine
cytosine | cytidine
ammonia | ammonium
silicon | silicone
boron | bromine
magnesium | manganese
dominant allele | recessive allele
sympathetic nervous system | parasympathetic nervous system
sensory neuron | motor neuron
artery | arteriole
vein | venule
ureter | urethra
ilium | ileum
perineum | peritoneum
dysphagia | dysphasia
tibia | fibula
bronchus | bronchiole
systole | diastole
aerobic respiration | anaerobic respiration
active transport | passive transport
active immunity | passive immunity
innate immunity | adaptive immunity
antigen | antibody
virus | viroid
biotic factor | abiotic factor
positive reinforcement | negative reinforcement
positive reinforcement | positive punishment
classical conditioning | operant conditioning
proactive interference | retroactive interference
anterograde amnesia | retrograde amnesia
explicit memory | implicit memory
short-term memory | long-term memory
semantic memory | episodic memory
psychology | psychiatry
psychologist | psychiatrist
astronomy | astrology
geology | geography
entomology | etymology
ethology | ethnology
ecology | etiology
cosmology | cosmetology
fiscal policy | monetary policy
demand curve | supply curve
movement along the demand curve | shift of the demand curve
inflation | deflation
fixed cost | variable cost
marginal cost | marginal revenue
average cost | marginal cost
import quota | export quota
microstate | microclimate
civil law | criminal law
plaintiff | defendant
common law | civil law
de jure segregation | de facto segregation
metaphor | metonymy
simile | smile
allusion | illusion
alliteration | assonance
protagonist | antagonist
prologue | epilogue
connotation | denotation
active voice | passive voice
colon | semicolon
communism | consumerism
federalism | feudalism
imperialism | empiricism
rationalism | nationalism
Nationalist Party | Rationalist Party
Renaissance | Resistance
Monroe | Moore
Austria | Australia
Slovakia | Slovenia
Niger | Nigeria
Iran | Iraq
Mauritania | Mauritius
Zambia | Gambia
causal inference | casual inference
complement of a set | compliment of a set
discreet choice | discrete choice
principal ideal | principle of ideals
stationary state | stationery
statistic | statistics
mean | means
new | news
physic | physics
cost of capital | capital cost
sum of squares | square sum
square of a sum | sum of squares
function of state | state function theory
rule of law | law
limit of a function | function of a limit
work function | function of work
power of a test | test of power
house of cards | card house
derivative of an integral | integral of a derivative
ratio of differences | difference of ratios
converting decimals to fractions | converting fractions to decimals
if-then statement | then-if statement
division with remainders | division without remainders
with replacement | without replacement
C | C++
C | C#
f' | f
x² | x2
10⁵ | 105
Å | A
Δ | δ
Σ | σ
CO | CO2
CO | Co
SO2 | SO3
H2O | H2O2
NO | NO2
pH | pOH
mRNA | tRNA
tRNA | rRNA
RNA | DNA
ADP | ATP
NADH | NADPH
SQL | SSL
HTTP | HTTPS
RAM | ROM
GDP | GNP
gas | GA
analysis | analyst
analysis | catalysis
catalyst | cataclysm
performing | preforming
stripping | striping
scraping | scrapping
planing | planning
desert | dessert
vacuole | vacuum
convection | convention
conduction | convection
deposition | disposition
evaporation | vaporization
condensation | condescension
precession | procession
precipitation | participation
perturbation | perturbed
osmosis | osmolarity
molarity | molality
molar mass | molar volume
atomic mass | atomic number
mass number | atomic number
momentum | moment
moment | movement
impulse | impulsivity
inertia | inertness
parabola | parable
hyperbola | hyperbole
ellipse | ellipsis
radian | radius
radical | radicle
radicand | radical
divisor | division
dividend | divided difference
quotient | quota
factor | factorial
factorial design | factorial
exponent | exponential
vector | sector
sector | secant
matrix rank | matrix trace
variance | covariance
correlation | autocorrelation
regression | progression
regression | logistic regression
probability | conditional probability
derivative | partial derivative
convergence in probability | convergence in distribution
pointwise convergence | uniform convergence
surjective function | injective function
homomorphism | homeomorphism
isomorphism | homomorphism
endomorphism | automorphism
symmetric matrix | skew-symmetric matrix
symmetric relation | antisymmetric relation
Bayes' theorem | naive Bayes
Gauss's law | Gauss's lemma
Euler's formula | Euler's method
Rolle's theorem | Stokes' theorem
Kepler's first law | Kepler's second law
Boyle's law | Charles's law
Hess's law | Hooke's law
""")

NEAR_MISSES_CHINESE = _pairs("""
电场强度 | 磁场强度
电场强度 | 电流强度
电势 | 电势能
电势能 | 重力势能
电阻 | 电阻率
电能 | 电势能
动能 | 动量
动能定理 | 动量定理
动量守恒 | 能量守恒
机械能守恒 | 机械能
线速度 | 角速度
速度 | 加速度
位移 | 路程
横波 | 纵波
反射 | 折射
反射定律 | 折射定律
干涉 | 衍射
凸透镜 | 凹透镜
串联电路 | 并联电路
交流电 | 直流电
左手定则 | 右手定则
正电荷 | 负电荷
正反馈 | 负反馈
正功 | 负功
牛顿第一定律 | 牛顿第二定律
牛顿第二定律 | 牛顿第三定律
热力学第一定律 | 热力学第二定律
等温过程 | 等压过程
等压过程 | 等容过程
吸热反应 | 放热反应
氧化反应 | 还原反应
氧化剂 | 还原剂
氧化 | 氧化物
阳极 | 阴极
阳离子 | 阴离子
原电池 | 电解池
强酸 | 弱酸
强电解质 | 弱电解质
强酸 | 强碱
酸式盐 | 碱式盐
离子键 | 共价键
离子晶体 | 分子晶体
原子晶体 | 原子核
烷烃 | 烯烃
烯烃 | 炔烃
乙烷 | 乙烯
乙醇 | 乙醛
甲醇 | 乙醇
乙酸 | 乙醇
硫酸 | 亚硫酸
硝酸 | 亚硝酸
硝酸盐 | 亚硝酸盐
氯化钠 | 氯化钾
碳酸钠 | 碳酸氢钠
氢氧化钠 | 氢氧化钙
铁离子 | 亚铁离子
同位素 | 同素异形体
同分异构体 | 同系物
加成反应 | 加聚反应
物质的量 | 物质的量浓度
有丝分裂 | 减数分裂
有丝分裂 | 无丝分裂
有氧呼吸 | 无氧呼吸
显性性状 | 隐性性状
显性遗传 | 隐性遗传
常染色体 | 性染色体
主动运输 | 被动运输
动脉 | 静脉
交感神经 | 副交感神经
传入神经 | 传出神经
细胞膜 | 细胞壁
细胞核 | 细胞质
原核细胞 | 真核细胞
植物细胞 | 动物细胞
基因型 | 表现型
转录 | 翻译
先天性行为 | 后天性行为
体液免疫 | 细胞免疫
特异性免疫 | 非特异性免疫
种间竞争 | 种内竞争
生产者 | 消费者
一次函数 | 二次函数
一元一次方程 | 一元二次方程
一元一次方程 | 二元一次方程
二元一次方程 | 二元一次方程组
等差数列 | 等比数列
正比例函数 | 反比例函数
指数函数 | 对数函数
指数函数 | 幂函数
正弦定理 | 余弦定理
正弦函数 | 余弦函数
正切 | 余切
奇函数 | 偶函数
增函数 | 减函数
单调递增 | 单调递减
最大值 | 最小值
极大值 | 极小值
最大公因数 | 最小公倍数
质数 | 合数
奇数 | 偶数
有理数 | 无理数
整数 | 小数
正整数 | 负整数
真分数 | 假分数
分数 | 函数
实数 | 复数
实部 | 虚部
交集 | 并集
充分条件 | 必要条件
定义域 | 值域
排列 | 组合
排列 | 排列数
互斥事件 | 独立事件
互斥事件 | 对立事件
平均数 | 中位数
平均数 | 加权平均数
方差 | 标准差
锐角 | 钝角
内角 | 外角
内切圆 | 外接圆
内心 | 外心
直角三角形 | 等腰三角形
三角形 | 三棱锥
圆柱 | 圆锥
棱柱 | 棱锥
长方形 | 正方形
平行 | 平行四边形
线面平行 | 面面平行
线面平行 | 线面垂直
平面向量 | 空间向量
双曲线 | 抛物线
归纳推理 | 演绎推理
顺时针 | 逆时针
上升 | 下降
上限 | 下限
左极限 | 右极限
第一产业 | 第二产业
第一次工业革命 | 第二次工业革命
第一次世界大战 | 第二次世界大战
第一定律 | 第十一定律
财政政策 | 货币政策
通货膨胀 | 通货紧缩
需求曲线 | 供给曲线
固定成本 | 可变成本
进口 | 出口
买方市场 | 卖方市场
生产资料 | 生活资料
唯物主义 | 唯心主义
民法 | 民主法治
刑法 | 刑事诉讼法
公法 | 私法
公民权利 | 公民义务
内向 | 外向
外显记忆 | 内隐记忆
短时记忆 | 长时记忆
前摄抑制 | 倒摄抑制
经典条件反射 | 操作条件反射
正强化 | 负强化
正强化 | 正惩罚
感觉 | 知觉
有意注意 | 无意注意
焦虑症 | 抑郁症
主观 | 客观
东汉 | 西汉
东晋 | 西晋
北宋 | 南宋
经度 | 纬度
经线 | 纬线
春分 | 秋分
夏至 | 冬至
暖流 | 寒流
气旋 | 反气旋
侵蚀 | 堆积
背斜 | 向斜
城市化 | 逆城市化
目的 | 目
""")

# Written when the rules were finished, and not used to change them.
HELD_OUT_SAME = _pairs("""
Kirchhoff's laws | Kirchhoff's law
magnetic fluxes | magnetic flux
trophic cascades | Trophic Cascade
theories of justice | theory of justice
sum of vectors | sums of vectors
neurones | neurone
principle of least action | least action principle
conservation of charge | charge conservation
coefficient of restitution | restitution coefficient
rule of signs | sign rule
equation of state | state equation
moment of a force | force moment
moment of force | force moment
theorem of Fermat | Fermat theorem
Fermat's little theorem | Fermat little theorem
heat of vaporisation | heat of vaporization
colour blindness | color blindness
tumour suppressor gene | tumor suppressor gene
polarised light | polarized light
magnetisation | magnetization
catalysed reaction | catalyzed reaction
fuelling of growth | fueling of growth
haemophilia | hemophilia
oedema | edema
orthopaedics | orthopedics
monologue | monolog
practise | practice
licence | license
sulphuric acid | sulfuric acid
caesium clock | cesium clock
Coulomb's Law | coulomb's law
RNA POLYMERASE | RNA polymerase
Gram–Schmidt process | Gram-Schmidt process
Navier-Stokes equations | Navier Stokes equation
run-time analysis | runtime analysis
ground water | groundwater
green-house effect | greenhouse effect
wavefront | wave front
spread-sheet | spreadsheet
blood-pressure | blood pressure
electro-magnetic induction | electromagnetic induction
anti-body | antibody
re-crystallization | recrystallization
non-linear dynamics | nonlinear dynamics
self-concept | self concept
fixed point iterations | fixed-point iteration
first quartile | 1st quartile
third derivative | 3rd derivative
the Great Depression | Great Depression
theory of mind | mind theory
profit and loss | loss and profit
syntax and semantics | semantics and syntax
finite element method (FEM) | finite element method
electroencephalogram (EEG) | electroencephalogram
magnetic resonance imaging (MRI) | MRI (magnetic resonance imaging)
net present value (NPV) | net present value
polyvinyl chloride (PVC) | polyvinyl chloride
zone of proximal development (ZPD) | zone of proximal development
fast Fourier transform (FFT) | Fast Fourier transforms
最小二乘法（OLS） | 最小二乘法
傅里叶变换 | 傅立葉變換
傅里叶变换 | 傅里葉變換
万有引力定律 | 萬有引力定律
动脉硬化 | 動脈硬化
弹性碰撞 | 彈性碰撞
戊戌变法 | 戊戌變法
剩余价值 | 剩餘價值
细胞周期 | 細胞週期
遗传漂变 | 遺傳漂變
对称轴 | 對稱軸
极坐标系 | 極坐標系
质谱分析 | 質譜分析
阿尔茨海默病 | 阿爾茨海默病
云计算 | 雲計算
函数的极限 | 函数极限
力的合成 | 力合成
直线的斜率 | 直线斜率
概率与统计 | 统计与概率
供给和需求 | 需求和供给
第三次科技革命 | 第3次科技革命
《史记》 | 史记
DNA 复制 | DNA复制
数据 结构 | 数据结构
机会成本（经济学） | 机会成本(经济学)
""")

HELD_OUT_NEAR_MISSES = _pairs("""
Type II supernova | Type Ia supernova
Cranial nerve III | Cranial nerve IV
Complex I | Complex II
Factor VIII | Factor IX
stage 1 sleep | stage 2 sleep
carbon-12 | carbon-14
U-235 | U-238
omega-3 fatty acid | omega-6 fatty acid
order 2 differential equation | order 3 differential equation
two-body problem | three-body problem
unimodal distribution | bimodal distribution
univalent ion | divalent ion
monocot | dicot
triangle | quadrangle
pentane | pentene
butane | butanol
propane | propene
butyl group | butyric acid
acetate | acetone
acetaldehyde | acetic acid
formaldehyde | formic acid
sodium carbonate | sodium bicarbonate
hydrochloric acid | hypochlorous acid
perchlorate | chlorate
carbon monoxide | carbon dioxide
peroxide | superoxide
nitrogen | nitride
selenium | silicon
iron(II) oxide | iron(III) oxide
cuprous oxide | cupric oxide
left-skewed distribution | right-skewed distribution
lower quartile | upper quartile
hypersensitivity | hyposensitivity
hypothyroidism | hyperthyroidism
extracellular matrix | intracellular matrix
extrinsic motivation | intrinsic motivation
explicit function | implicit function
injective map | surjective map
injective map | bijective map
open interval | closed interval
open circuit | short circuit
absolute error | relative error
absolute pressure | gauge pressure
heat | heating
entropy | enthalpy
endergonic | exergonic
ectotherm | endotherm
ectoderm | endoderm
ectoderm | mesoderm
epidermis | endodermis
oogenesis | spermatogenesis
ontogeny | phylogeny
haploid cell | diploid cell
crossing over | crossover trial
sense strand | antisense strand
leading strand | lagging strand
exon | intron
prophase | prometaphase
anaphase | metaphase
anaphase I | anaphase II
T cell | B cell
B cell | B cells in culture
red blood cell | white blood cell
agonist | antagonist
afferent arteriole | efferent arteriole
basal metabolism | basic metabolism
abduction | adduction
supination | pronation
ventral root | dorsal root
distal tubule | proximal tubule
malleus | malleolus
humerus | humorous
palate | palette
statute | statue
council | counsel
prescription | proscription
ingenious | ingenuous
elicit | illicit
immigration | emigration
inmigration | outmigration
centripetal force | centrifugal force
centripetal acceleration | centripetal force
angular velocity | angular acceleration
angular momentum | linear momentum
phase velocity | group velocity
concave mirror | convex mirror
real image | virtual image
object distance | image distance
focal length | focal point
node | antinode
overtone | undertone
ultrasound | infrasound
ultraviolet | infrared
amplitude modulation | frequency modulation
peak voltage | mean voltage
p-type semiconductor | n-type semiconductor
NAND gate | NOR gate
OR gate | XOR gate
IPv4 | IPv6
TCP | TCP/IP
HTML | XHTML
SHA-1 | SHA-256
stack | heap
depth-first search | breadth-first search
preorder traversal | postorder traversal
compiler | compilation album
overloading | overriding
supply shock | demand shock
real interest rate | nominal interest rate
income elasticity | price elasticity
perfect competition | imperfect competition
ex ante | ex post
comparative advantage | competitive advantage
monetarism | mercantilism
oligarchy | oligopoly
autocracy | aristocracy
Abraham | Ibrahim
Louis XIV | Louis XVI
Napoleon I | Napoleon III
First Crusade | Fourth Crusade
Treaty of Paris (1763) | Treaty of Paris (1783)
First Amendment | Fifth Amendment
12th Amendment | 21st Amendment
House of Lords | House of Commons
Punic Wars | Persian Wars
sum of cubes | cube of a sum
difference of squares | square of a difference
product of sums | sum of products
inverse of a matrix | matrix of an inverse
rate of change | change of rate
history of science | science of history
philosophy of law | law of philosophy
right of way | way of right
translation from English to French | translation from French to English
""")

HELD_OUT_NEAR_MISSES_CHINESE = _pairs("""
电动势 | 电动机
电容 | 电容器
感抗 | 容抗
阻抗 | 电阻
静摩擦力 | 动摩擦力
静摩擦力 | 滑动摩擦力
弹性碰撞 | 非弹性碰撞
匀加速运动 | 匀减速运动
匀速运动 | 变速运动
向心力 | 离心力
实像 | 虚像
近视 | 远视
主动脉 | 肺动脉
左心房 | 左心室
左心室 | 右心室
染色体 | 染色质
核糖核酸 | 脱氧核糖核酸
核糖核酸 | 核糖体
常染色质 | 异染色质
单倍体 | 多倍体
二倍体 | 四倍体
同源染色体 | 非同源染色体
显性基因 | 隐性基因
体循环 | 肺循环
光反应 | 暗反应
需氧型 | 厌氧型
甲状腺激素 | 促甲状腺激素
甲苯 | 二甲苯
丙烷 | 丙烯
正丁烷 | 异丁烷
氯酸 | 高氯酸
过氧化钠 | 氧化钠
碳酸钙 | 碳酸镁
氧化铁 | 四氧化三铁
氯化亚铁 | 氯化铁
酸性氧化物 | 碱性氧化物
放热 | 吸热
可逆反应 | 不可逆反应
均匀分布 | 正态分布
左偏分布 | 右偏分布
第一类错误 | 第二类错误
总体方差 | 样本方差
组内方差 | 组间方差
自变量 | 因变量
内生变量 | 外生变量
必然事件 | 不可能事件
上四分位数 | 下四分位数
真子集 | 子集
等边三角形 | 等腰三角形
内接四边形 | 外切四边形
正棱柱 | 正棱锥
三棱锥 | 四棱锥
一次方程 | 二次方程
三次方程 | 四次方程
左逆矩阵 | 右逆矩阵
行向量 | 列向量
行阶梯形 | 列阶梯形
极限 | 极值
微分 | 积分
定积分 | 不定积分
偏导数 | 导数
绝对收敛 | 条件收敛
先天免疫 | 后天免疫
长波 | 短波
上游 | 下游
上层建筑 | 上层社会
前汉 | 后汉
前燕 | 后燕
东周 | 西周
南朝 | 北朝
唐太宗 | 唐高宗
宋太祖 | 宋太宗
甲午战争 | 甲骨文
直接选举 | 间接选举
直接税 | 间接税
进口关税 | 出口关税
顺差 | 逆差
牛市 | 熊市
主权 | 主权债务
人权 | 人权法
债权 | 债务
原告 | 被告
有期徒刑 | 无期徒刑
外在动机 | 内在动机
高原反应 | 高原效应
正迁移 | 负迁移
顺向迁移 | 逆向迁移
陈述性记忆 | 程序性记忆
感觉记忆 | 感知记忆训练
注意的转移 | 注意的分配
流体智力 | 晶体智力
""")
